// Who may speak in a dialog (sip.md, "Within a dialog"): pure. A token is seen by both ends, by proxies between and by whoever reads the
// wire. So it says only between whom requests may pass; that a request is of one of these two must be seen from where it came.
#pragma once

#include <optional>
#include <string_view>

#include "dialog_token.hpp"
#include "message.hpp"

namespace phyllo::sip {

enum class side : std::uint8_t { caller, callee };

// Who sent a request, as this node knows by itself.
struct sender {
  source from;                // `from.peer` is believed
  std::string_view proven{};  // whose credentials came with it: "alice@example.com"; empty: nobody's
};

// A node with authority for the domain: it has asked whoever it speaks for.
[[nodiscard]] bool speaks_for(const source& from, std::string_view domain);

// Which end of its dialog the request comes from. Nullopt: from neither, or the token has ended; then it is a stranger's.
[[nodiscard]] std::optional<side> side_of(const dialog_token& t, const message& request, const sender& who, core::wall_time now,
                                          const identity::node_id& self);

[[nodiscard]] inline const dialog_end& other_end(const dialog_token& t, side from) noexcept {
  return from == side::caller ? t.callee : t.caller;
}

// Whether a path leads from here to its phone: made by this node, and not ended.
[[nodiscard]] bool leads_to_phone(const path_token& t, core::wall_time now, const identity::node_id& self);

}  // namespace phyllo::sip
