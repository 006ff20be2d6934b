// The PROXY protocol, version 2 (HAProxy's proxy-protocol.txt s.2.2): what a load balancer in front of us says of whom it
// forwards, once, before the connection's own bytes.
//
//  |  signature (12): 0d 0a 0d 0a 00 0d 0a 51 55 49 54 0a          |
//  | version (4) = 2 | command (4) | family (4) | protocol (4) | length (16) |
//  |  source address | destination address | source port | destination port | TLVs ... |
#pragma once

#include <optional>

#include "phyllo/core/bytes.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/transport/endpoint.hpp"

namespace phyllo::transport {

struct proxy_header {
  static constexpr std::size_t fixed_bytes = 16;
  // "A receiver may refuse more": ours takes what certificates of clients need in TLVs, and no more.
  static constexpr std::size_t bytes_max = 4096;

  std::size_t size = 0;            // of all of it: where the connection's own bytes begin
  std::optional<endpoint> source;  // nothing: LOCAL, or a family that is none of ours; then the connection's own address stays

  // Nothing: more bytes are needed, never after bytes_max. errc::malformed: no such header.
  [[nodiscard]] static core::result<std::optional<proxy_header>> parse(core::byte_view data);
};

}  // namespace phyllo::transport
