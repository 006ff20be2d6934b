// Request validation by a proxy (RFC 3261 s.16.3), and the limits of a request's spread (RFC 5393): pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "message.hpp"
#include "own_names.hpp"
#include "phyllo/core/keyed_hash.hpp"

namespace phyllo::sip {

// The option tags of Proxy-Require that this proxy does not know.
[[nodiscard]] std::vector<std::string_view> unsupported_extensions(const message& m);

// nullopt: go on. Checks scheme (416), Max-Forwards (483), Proxy-Require (420; the reply needs Unsupported) and Privacy (500).
[[nodiscard]] std::optional<refusal> check_request(const message& m);

// What makes two passages of a request through this proxy the same (RFC 5393 s.4.2.1: what the loop hash is made of):
// Call-ID, From tag, CSeq, Request-URI and Route, which strangers choose. Valid under this key.
[[nodiscard]] std::uint64_t passage_of(const core::hash_key& key, const message& m);
// True if one of the Vias is this node's: the request has been here.
[[nodiscard]] bool has_own_via(const message& m, const own_names& own);

// RFC 5393 s.5.3.3: how many branches may run at once. "If the request does not contain a Max-Breadth header field,
// the default of 60 is assumed."
[[nodiscard]] std::uint32_t max_breadth_of(const message& m);

}  // namespace phyllo::sip
