// Which way an INVITE within a dialog took to the phone that has accepted it: its ACK, which is a request of its own (RFC 3261 s.13.2.2.4),
// has to take the same, where the token of the dialog leads to a place that the phone has left.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "message.hpp"
#include "phyllo/core/bounded_map.hpp"
#include "proxy_context.hpp"

namespace phyllo::sip {

class ack_ways {
 public:
  static constexpr std::size_t ways_max = 4'096;  // the oldest makes room; an ACK follows its INVITE within a second or so

  explicit ack_ways(const core::hash_key& key) : key_(key), ways_(ways_max, key) {}

  // `m` is the INVITE, its response or its ACK: they share Call-ID, the tag of the sender and the number.
  void took(const message& m, const fork_way& way) { ways_.try_emplace(name_of(m)).first = way; }
  // Nullptr: as the token says.
  [[nodiscard]] const fork_way* of(const message& m) const { return ways_.find(name_of(m)); }

 private:
  [[nodiscard]] std::uint64_t name_of(const message& m) const {
    std::string text(m.call_id());
    text.append("\n").append(m.from().tag).append("\n").append(std::to_string(m.cseq().number));
    return core::keyed_hash(key_, text);
  }

  core::hash_key key_;
  core::bounded_map<std::uint64_t, fork_way> ways_;
};

}  // namespace phyllo::sip
