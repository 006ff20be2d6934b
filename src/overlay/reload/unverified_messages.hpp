// Messages that came without their signer's certificate, which they need not bring (RFC 6940 s.6.3.4): they wait until it has been looked
// for. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "reload/forwarding_header.hpp"
#include "reload/message.hpp"

namespace phyllo::overlay {

// Under whose Node-ID the overlay has the certificate that a message lacks (s.8): that of the node which sent it, as its lists say. None:
// it brings the certificate and that was no good, or it says nothing of where to look.
[[nodiscard]] std::optional<node_id> where_to_look(const forwarding_header& h, const opened_payload& p, const std::optional<node_id>& from);

struct unverified_message {
  node_id of;  // where its certificate is looked for
  forwarding_header header;
  payload_ptr payload;
  node_id from;  // by whose link it came
};

class unverified_messages {
 public:
  static constexpr std::size_t strangers_max = 64;

  [[nodiscard]] bool full() const noexcept { return messages_.size() >= strangers_max; }
  void add(unverified_message m) { messages_.push_back(std::move(m)); }
  // Those that wait for certificates of `n`, oldest first.
  [[nodiscard]] std::vector<unverified_message> take(const node_id& n);
  void clear() noexcept { messages_.clear(); }

 private:
  std::vector<unverified_message> messages_;
};

}  // namespace phyllo::overlay
