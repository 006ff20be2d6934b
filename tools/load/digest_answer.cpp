#include "digest_answer.hpp"

#include <openssl/md5.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <initializer_list>

#include "phyllo/core/bytes.hpp"

namespace phyllo::load {
namespace {

struct hash_text {
  std::array<char, 64> digits;
  std::size_t size = 0;
  [[nodiscard]] std::string_view text() const noexcept { return {digits.data(), size}; }
};

hash_text printed(std::span<const std::uint8_t> octets) noexcept {
  hash_text out;
  for (const auto o : octets) {
    out.digits[out.size++] = "0123456789abcdef"[o >> 4];
    out.digits[out.size++] = "0123456789abcdef"[o & 15];
  }
  return out;
}

// Of the parts with colons between them.
hash_text hash_of(bool sha256, std::initializer_list<std::string_view> parts) noexcept {
  std::array<std::uint8_t, 32> out;
  SHA256_CTX sha;
  MD5_CTX md5;
  SHA256_Init(&sha);
  MD5_Init(&md5);
  const auto add = [&](std::string_view s) {
    if (sha256) {
      SHA256_Update(&sha, s.data(), s.size());
    } else {
      MD5_Update(&md5, s.data(), s.size());
    }
  };
  bool first = true;
  for (const auto p : parts) {
    if (!first) add(":");
    add(p);
    first = false;
  }
  if (sha256) {
    SHA256_Final(out.data(), &sha);
  } else {
    MD5_Final(out.data(), &md5);
  }
  return printed(std::span(out).first(sha256 ? 32 : 16));
}

// Takes the next "name=value" of a challenge off its front; false: there is none.
bool take_parameter(std::string_view& rest, std::string_view& name, std::string_view& value) noexcept {
  rest.remove_prefix(std::min(rest.find_first_not_of(" \t,"), rest.size()));
  const auto equals = rest.find('=');
  if (equals == std::string_view::npos) return false;
  name = rest.substr(0, equals);
  name = name.substr(0, name.find_last_not_of(" \t") + 1);
  rest.remove_prefix(equals + 1);
  rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
  if (!rest.starts_with('"')) {
    value = rest.substr(0, rest.find_first_of(", \t"));
    rest.remove_prefix(value.size());
    return true;
  }
  std::size_t end = 1;
  while (end < rest.size() && rest[end] != '"') end += rest[end] == '\\' ? 2 : 1;
  if (end >= rest.size()) return false;
  value = rest.substr(1, end - 1);
  rest.remove_prefix(end + 1);
  return true;
}

bool holds_auth(std::string_view qop) noexcept {
  while (!qop.empty()) {
    const auto comma = std::min(qop.find(','), qop.size());
    auto one = qop.substr(0, comma);
    one.remove_prefix(std::min(one.find_first_not_of(' '), one.size()));
    if (core::equal_ignoring_case(one.substr(0, one.find(' ')), "auth")) return true;
    qop.remove_prefix(std::min(comma + 1, qop.size()));
  }
  return false;
}

}  // namespace

std::optional<digest_offer> digest_offer::read(std::string_view value) noexcept {
  constexpr std::string_view scheme = "Digest ";
  if (value.size() < scheme.size() || !core::equal_ignoring_case(value.substr(0, scheme.size()), scheme)) return std::nullopt;
  value.remove_prefix(scheme.size());
  digest_offer out;
  std::string_view name, v, algorithm = "MD5", qop;
  while (take_parameter(value, name, v)) {  // each takes some
    const auto is = [&](std::string_view n) { return core::equal_ignoring_case(name, n); };
    if (is("realm")) out.realm = v;
    if (is("nonce")) out.nonce = v;
    if (is("opaque")) out.opaque = v;
    if (is("algorithm")) algorithm = v;
    if (is("qop")) qop = v;
  }
  out.sha256 = core::equal_ignoring_case(algorithm, "SHA-256");
  out.qop_auth = holds_auth(qop);
  const bool known = out.sha256 || core::equal_ignoring_case(algorithm, "MD5");
  if (!known || out.nonce.empty() || (!qop.empty() && !out.qop_auth)) return std::nullopt;
  return out;
}

std::optional<digest_offer> digest_offer::best(std::span<const std::string_view> values, digest_choice choice) noexcept {
  std::optional<digest_offer> found;
  for (const auto v : values) {
    const auto o = read(v);
    if (!o || (choice != digest_choice::any && o->sha256 != (choice == digest_choice::sha256))) continue;
    if (!found || (o->sha256 && !found->sha256)) found = o;
  }
  return found;
}

void append_authorization(std::string& to, bool proxy, const digest_offer& o, const digest_request& r) {
  constexpr std::string_view nc = "00000001";
  const auto ha1 = hash_of(o.sha256, {r.user, o.realm, r.password});
  const auto ha2 = hash_of(o.sha256, {r.method, r.uri});
  const auto response = o.qop_auth ? hash_of(o.sha256, {ha1.text(), o.nonce, nc, r.cnonce, "auth", ha2.text()})
                                   : hash_of(o.sha256, {ha1.text(), o.nonce, ha2.text()});
  to.append(proxy ? "Proxy-Authorization" : "Authorization").append(": Digest username=\"").append(r.user);
  to.append("\", realm=\"").append(o.realm).append("\", nonce=\"").append(o.nonce);
  to.append("\", uri=\"").append(r.uri).append("\", response=\"").append(response.text());
  to.append("\", algorithm=").append(o.sha256 ? "SHA-256" : "MD5");
  if (o.qop_auth) to.append(", qop=auth, nc=").append(nc).append(", cnonce=\"").append(r.cnonce).append("\"");
  if (!o.opaque.empty()) to.append(", opaque=\"").append(o.opaque).append("\"");
  to.append("\r\n");
}

}  // namespace phyllo::load
