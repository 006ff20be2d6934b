// The branch parameters of our Vias (RFC 3261 s.8.1.1.7, s.16.11).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "message.hpp"
#include "phyllo/core/environment.hpp"

namespace phyllo::sip {

// The magic cookie, then what is unique across space and time; the shard's number comes first.
[[nodiscard]] std::string make_branch(core::environment& env, std::uint8_t shard);

// s.16.11: "the same for retransmissions": computed from the previous hop's Via, so that whoever gets an ACK twice sees the same bytes
// twice.
[[nodiscard]] std::string stateless_branch(core::environment& env, std::uint8_t shard, const message& request);

// The number of the shard that made the branch of this response's topmost Via; nullopt: it is none of ours.
[[nodiscard]] std::optional<unsigned> shard_of_branch(const message& response);

}  // namespace phyllo::sip
