// Copies of messages on links, kept until the link's ACK: what a suspect does not take goes another way
// (MSPastry's per-hop acknowledgements).
#pragma once

#include <cassert>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "phyllo/transport/link.hpp"
#include "reload/forwarding_header.hpp"

namespace phyllo::overlay {

struct kept_message {
  forwarding_header header;
  payload_ptr payload;
  const transport::link* link = nullptr;  // only compared
  bool link_only = false;                 // not to be sent another way
};

class forward_buffer {
 public:
  static constexpr std::size_t messages_max = 8192;

  // A token for transport::link::send; 0 (no copy is kept) when full.
  std::uint64_t keep(kept_message m);
  std::optional<kept_message> take(std::uint64_t token);
  // Again under the token that it was taken from.
  void put_back(std::uint64_t token, kept_message m) {
    assert(token <= last_token_);
    messages_.insert_or_assign(token, std::move(m));
  }
  // All on a link that has closed, oldest first.
  [[nodiscard]] std::vector<kept_message> take_of(const transport::link* l);
  [[nodiscard]] std::size_t size() const noexcept { return messages_.size(); }

 private:
  std::uint64_t last_token_ = 0;
  std::unordered_map<std::uint64_t, kept_message> messages_;
};

}  // namespace phyllo::overlay
