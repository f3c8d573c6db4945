/** Whether everything that the platform needs is there and well: {@link dev.penstock.cli.doctor.DoctorCommand}. */
@NullMarked
package dev.penstock.cli.doctor;

import org.jspecify.annotations.NullMarked;
