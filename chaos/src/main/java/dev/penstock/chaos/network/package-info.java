/** The network between the platform's processes: {@link dev.penstock.chaos.network.TcpProxy}. */
@NullMarked
package dev.penstock.chaos.network;

import org.jspecify.annotations.NullMarked;
