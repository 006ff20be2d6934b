#include "login_exchange.hpp"

#include <fmt/format.h>

#include "login_terms.hpp"
#include "password.hpp"
#include "phyllo/enrollment/errc.hpp"

namespace phyllo::enrollment {
namespace {

constexpr std::size_t boundary_bytes = 16;

std::unexpected<core::error> strange(std::string_view what) { return core::fail(errc::server_error, "200 with " + std::string(what)); }

// What a server says is for a log: one line, of a length.
std::string said(std::string_view text) {
  std::string out(text.substr(0, 200));
  for (auto& c : out) {
    if (c < ' ' || c > '~') c = '?';
  }
  return out;
}

bool certifies(const identity::certificate& c, const identity::private_key& key) {
  const auto probe = core::as_bytes("is this certificate for our key?");
  return c.verify(8, 7, probe, key.sign(probe)).has_value();
}

}  // namespace

transport::http_request form_post(const form& fields, std::string_view accepted_type) {
  const auto boundary = core::to_hex(random_bytes(boundary_bytes));
  transport::http_request r;
  r.method = "POST";
  r.headers["content-type"] = "multipart/form-data; boundary=" + boundary;
  r.headers["accept"] = accepted_type;
  r.body = print_multipart(fields, boundary);
  return r;
}

std::string beside(const std::string& url, std::string_view path) {
  const auto host = url.find("://");
  const auto end = host == std::string::npos ? host : url.find('/', host + 3);
  return url.substr(0, end) + std::string(path);
}

core::error refusal(const transport::http_response& r) {
  const auto token = std::string_view(r.body).substr(0, r.body.find_first_of("\r\n"));
  if (r.status == 403 && token == failed_authentication_token) return core::error(errc::failed_authentication);
  if (r.status == 403 && token == username_token) return core::error(errc::username_not_available);
  if (r.status == 403 && token == node_ids_token) return core::error(errc::node_ids_not_available);
  if (r.status == 403 && token == bad_csr_token) return core::error(errc::bad_csr);
  if (r.status == 429) return core::error(errc::too_many_attempts);
  return core::error(errc::server_error,
                     token.empty() ? fmt::format("status {}", r.status) : fmt::format("status {}: {}", r.status, said(token)));
}

core::result<identity::credential> read_certificate(const transport::http_response& r, const identity::private_key& key,
                                                    const std::string& user) {
  if (r.status != 200) return core::fail(refusal(r));
  auto c = identity::certificate::from_der(core::as_bytes(r.body));
  if (!c) return strange(c.error().message());
  if (c->user() != user) return strange("a certificate for another user");
  if (!certifies(*c, key)) return strange("a certificate for another key");
  return identity::credential{*std::move(c), key};
}

}  // namespace phyllo::enrollment
