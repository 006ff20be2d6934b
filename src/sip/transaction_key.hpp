// What matches messages to transactions (RFC 3261 s.17.1.3, s.17.2.3).
#pragma once

#include <string>
#include <string_view>

#include "message.hpp"
#include "transport_layer.hpp"

namespace phyllo::sip {

// Of a response, or of our own request with its Via on top: the branch and CSeq's method.
[[nodiscard]] std::string client_key(const message& m);
[[nodiscard]] std::string client_key(std::string_view branch, std::string_view method);

// Of a request from elsewhere: branch, sent-by and method, an ACK's being its INVITE's. A branch without the magic
// cookie is RFC 2543's: then Request-URI, From tag, Call-ID, CSeq and the top Via count.
// Difference from s.17.2.3: where the request came from (an address, or a supernode) counts, too. A branch is seen by everybody on the
// way, and who has seen it shall neither cancel nor acknowledge another's request.
// `as`: the method to look for in place of the request's own (INVITE for a CANCEL).
[[nodiscard]] std::string server_key(const message& request, const source& from, std::string_view as = {});

// s.8.2.2.2: From tag, Call-ID and CSeq; "" for a request with a To tag, which can not be merged.
[[nodiscard]] std::string merge_key(const message& request);

}  // namespace phyllo::sip
