// HTTP/1.1 messages as text.
#pragma once

#include <string>

#include "phyllo/transport/http.hpp"

namespace phyllo::transport {

// Content-Length, Connection and the status line are ours; a header that holds a line break is left out.
[[nodiscard]] std::string print_response(const http_response& r, bool keep_alive, bool to_head);
[[nodiscard]] std::string print_request(const http_request& r, const std::string& host);

}  // namespace phyllo::transport
