/** How a container's health is asked for without a shell: {@link dev.penstock.deploy.health.HealthCheck}. */
@NullMarked
package dev.penstock.deploy.health;

import org.jspecify.annotations.NullMarked;
