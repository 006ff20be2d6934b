#include "transaction_key.hpp"

#include <algorithm>

#include "message_fields.hpp"
#include "phyllo/core/address_text.hpp"

namespace phyllo::sip {
namespace {

// No part holds a LF.
void join(std::string& key, std::string_view part) { key.append(part).append("\n"); }

void join_lowered(std::string& key, std::string_view part) {
  const auto from = static_cast<std::ptrdiff_t>(key.size());
  join(key, part);
  std::transform(key.begin() + from, key.end(), key.begin() + from,
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
}

std::string_view matched_method(const message& request, std::string_view as) {
  if (!as.empty()) return as;
  return request.method() == method::ack ? name_of(method::invite) : request.method_name();
}

}  // namespace

std::string client_key(std::string_view branch, std::string_view method) {
  std::string key;
  key.reserve(branch.size() + method.size() + 2);
  join_lowered(key, branch);  // tokens compare without case (s.7.3.1)
  join(key, method);
  return key;
}

std::string client_key(const message& m) {
  const auto top = top_via(m);
  return client_key(top ? top->branch : std::string_view(), m.method_name());
}

std::string server_key(const message& request, const source& from, std::string_view as) {
  constexpr std::size_t usual = 112;
  std::string key;
  const auto top = top_via(request);
  if (!top) return key;
  key.reserve(usual);
  if (top->has_magic_cookie()) {
    join_lowered(key, top->branch);
  } else {
    join(key, request.request_uri().text());
    join(key, request.from().tag);
    join(key, request.call_id());
    join(key, std::to_string(request.cseq().number));
    join(key, top->branch);
  }
  join_lowered(key, top->host);
  join(key, std::to_string(top->port));
  join(key, matched_method(request, as));
  join(key, from.peer ? from.peer->node().hex() : core::text_of(from.remote.address));
  return key;
}

std::string merge_key(const message& request) {
  std::string key;
  if (!request.to().tag.empty()) return key;
  join(key, request.from().tag);
  join(key, request.call_id());
  join(key, std::to_string(request.cseq().number));
  join(key, request.method_name());
  return key;
}

}  // namespace phyllo::sip
