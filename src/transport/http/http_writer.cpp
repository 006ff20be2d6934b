#include "http/http_writer.hpp"

#include <fmt/format.h>
#include <http_parser.h>

namespace phyllo::transport {
namespace {

const char* phrase(int status) {
  switch (status) {
#define PHYLLO_PHRASE(number, name, text) \
  case number: return #text;
    HTTP_STATUS_MAP(PHYLLO_PHRASE)
#undef PHYLLO_PHRASE
    default: return "Unknown";
  }
}

bool has_body(int status) { return status >= 200 && status != 204 && status != 304; }

void print_headers(std::string& out, const std::map<std::string, std::string>& headers) {
  constexpr std::string_view line_breaks{"\r\n\0", 3};
  for (const auto& [name, value] : headers) {
    const bool ours = name == "content-length" || name == "connection" || name == "transfer-encoding" || name == "host";
    if (ours || name.find_first_of(line_breaks) != std::string::npos || value.find_first_of(line_breaks) != std::string::npos) continue;
    out += fmt::format("{}: {}\r\n", name, value);
  }
}

}  // namespace

std::string print_response(const http_response& r, bool keep_alive, bool to_head) {
  auto out = fmt::format("HTTP/1.1 {} {}\r\n", r.status, phrase(r.status));
  print_headers(out, r.headers);
  if (r.status == 101) return out + "connection: upgrade\r\n\r\n";
  if (has_body(r.status)) out += fmt::format("content-length: {}\r\n", r.body.size());
  out += keep_alive ? "connection: keep-alive\r\n\r\n" : "connection: close\r\n\r\n";
  if (has_body(r.status) && !to_head) out += r.body;
  return out;
}

std::string print_request(const http_request& r, const std::string& host) {
  auto out = fmt::format("{} {} HTTP/1.1\r\nhost: {}\r\n", r.method, r.target.empty() ? "/" : r.target, host);
  print_headers(out, r.headers);
  if (!r.body.empty() || r.method == "POST" || r.method == "PUT") out += fmt::format("content-length: {}\r\n", r.body.size());
  return out + "connection: close\r\n\r\n" + r.body;
}

}  // namespace phyllo::transport
