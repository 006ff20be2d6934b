// Ports that several sockets share, one a shard (SO_REUSEPORT), and the program by which the kernel chooses among them (socket(7)).
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <vector>

#include "phyllo/core/result.hpp"
#include "phyllo/transport/endpoint.hpp"
#include "phyllo/transport/steering.hpp"

namespace phyllo::transport {

enum class port_use : std::uint8_t { datagrams, streams };

// No other process has it. address_in_use, not_permitted, refused, as of a port that is opened.
[[nodiscard]] core::status check_free(const endpoint& at, port_use use);

void share_port(int fd) noexcept;  // before bind

// The sockets are numbered in the order in which they were bound (UDP) or began to listen (TCP). It holds for all of them, from now on;
// what the program does not see to (a number for which there is no socket yet) the kernel spreads. refused: the kernel knows no such thing.
[[nodiscard]] core::status steer_port(int fd, bool v6, port_use use, const steering& by);

// What it runs for each datagram, or for the first segment of a connection; the payload first, if there is any.
[[nodiscard]] std::vector<sock_filter> steering_program(bool v6, port_use use, const steering& by);

}  // namespace phyllo::transport
