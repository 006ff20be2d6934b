// What edits a message (message.hpp). A line that is not edited stays as it was received.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

#include "headers_field.hpp"
#include "message.hpp"

namespace phyllo::sip {

// ---- Start line
core::status set_request_uri(message& m, std::string_view text);  // errc::malformed
void set_status(message& m, int status, std::string_view phrase = {});

// ---- Via
// sent_by: "192.0.2.1:5060"; adds ";rport" (RFC 3581) for UDP, and then these parameters as they are.
void push_via(message& m, std::string_view transport, std::string_view sent_by, std::string_view branch, std::string_view parameters = {});
void pop_via(message& m);  // the topmost value only
// s.18.2.1 and RFC 3581 s.4: `received` where sent-by differs from the source or rport was asked for, then rport.
void stamp_received(message& m, const transport::endpoint& source);

// ---- Routing
void push_route(message& m, std::string_view name_addr);  // on top: "<sip:192.0.2.1;lr>"
void append_route(message& m, std::string_view name_addr);
void pop_routes(message& m, std::size_t count);  // the topmost values
void remove_routes(message& m);
void push_record_route(message& m, std::string_view name_addr);
void push_path(message& m, std::string_view name_addr);  // RFC 3327
void set_max_forwards(message& m, std::uint32_t hops);

// ---- Others
void remove_credentials(message& m, field id, std::size_t index);  // of credentials_in(m, id)
// Those whose name (the long one) `unwanted` names; only of fields that have no name in `field`.
void remove_headers_if(message& m, const std::function<bool(std::string_view name)>& unwanted);
void set_body(message& m, std::string_view content_type, core::byte_view data);

}  // namespace phyllo::sip
