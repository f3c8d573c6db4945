package dev.penstock.schemas.configuration;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** What a record component is where the file does not say. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Default {
    /** As it would be written in the file; leave it out for a nested record that has defaults of its own. */
    String value() default "";
}
