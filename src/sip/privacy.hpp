// What a caller or callee wants hidden (RFC 3323, RFC 3325 s.9.3, RFC 7044 s.10.1), as far as a proxy can hide it: asserted identities
// (`id`), the request's history (`history`), and the header fields that say more than is needed (`user`, s.5.3). Via, Contact, From and
// SDP stay, since only a back-to-back user agent can give them back: who says `critical` with `header`, `session` or `user` is refused.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "message.hpp"

namespace phyllo::sip {

struct privacy {
  std::vector<std::string> values;  // lower case, in order

  [[nodiscard]] static privacy of(const message& m);
  [[nodiscard]] bool wants(std::string_view value) const;
  // "none" forbids every change (s.4.2), and nothing beside it counts.
  [[nodiscard]] bool none() const { return wants("none"); }
};

// s.5: "if the privacy service is incapable of performing all of the levels ... it MUST fail the request with a 500".
[[nodiscard]] std::optional<refusal> privacy_refusal(const message& m);

// To be called for what leaves the trust domain, toward a phone. s.5: values that were served are taken off; a request's Proxy-Require
// loses "privacy" with the last of them.
void hide_private(message& m);

}  // namespace phyllo::sip
