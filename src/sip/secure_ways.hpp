// What a sips URI demands of each hop (RFC 3261 s.26.2.2, RFC 5630): TLS, as it comes and as it goes on. Pure.
//
// A request keeps its scheme on all its way: a sips one is sips to the phone, over TLS or a secure WebSocket only; a sip one is sip also to
// a contact that was registered as sips, which is still reached over TLS only.
#pragma once

#include <string>
#include <vector>

#include "message.hpp"
#include "proxy_context.hpp"

namespace phyllo::sip {

// The request is for a sips URI and came in the clear: nobody knows who has read or changed it.
[[nodiscard]] bool came_insecurely(const message& request, const source& from);

// The Request-URI for a contact, of the scheme that the request has.
[[nodiscard]] std::string retargeted(const uri& contact, bool sips);

// Leaves the ways over TLS where the request or the contact is sips, and the targets that have a way.
void keep_secure(std::vector<fork_target>& targets, bool sips);

// RFC 5630 s.6: why there is a 480, for the caller's log or user.
void add_sips_warning(message& response, std::string_view agent);

}  // namespace phyllo::sip
