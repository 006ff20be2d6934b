#include "digest.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <utility>

#include "host_name.hpp"
#include "phyllo/core/bytes.hpp"
#include "phyllo/identity/digest.hpp"
#include "phyllo/sip/errc.hpp"

namespace phyllo::sip {
namespace {

std::string lower_case_of(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

std::string_view unquote(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') return text.substr(1, text.size() - 2);
  return text;
}

std::string resolve_pairs(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    out.push_back(text[i]);
  }
  return out;
}

struct credential_field {
  std::string_view name;
  std::string digest_credentials::* member;
  bool resolved = false;
};

constexpr std::array<credential_field, 10> fields{{
    {"username", &digest_credentials::username, true},
    {"realm", &digest_credentials::realm, true},
    {"nonce", &digest_credentials::nonce},
    {"uri", &digest_credentials::uri},
    {"response", &digest_credentials::response},
    {"cnonce", &digest_credentials::cnonce},
    {"qop", &digest_credentials::qop},
    {"opaque", &digest_credentials::opaque},
    {"algorithm", &digest_credentials::algorithm},
    {"nc", &digest_credentials::nc},
}};
constexpr std::size_t required = 5;  // the first of them

// user, host and port of a SIP URI's text, as far as digests care: parameters and headers off, user and host in their one spelling.
struct uri_parts {
  std::string user;
  std::string host;
  std::string port;
  friend bool operator==(const uri_parts&, const uri_parts&) = default;
};

uri_parts parts_of(std::string_view uri) {
  if (uri.starts_with('<') && uri.ends_with('>')) uri = uri.substr(1, uri.size() - 2);
  for (std::string_view scheme : {"sips:", "sip:", "sips:", "sip:"}) {
    if (lower_case_of(uri.substr(0, scheme.size())) == scheme) uri.remove_prefix(scheme.size());
  }
  uri_parts p;
  if (const auto at = uri.find('@'); at != std::string_view::npos) {
    const auto user = uri.substr(0, at);
    sip::uri one;
    one.user = user.substr(0, user.find_first_of(":;"));
    p.user = one.user_unescaped();
    uri.remove_prefix(at + 1);
  }
  uri = uri.substr(0, uri.find_first_of(";?"));
  const auto bracket = uri.find(']');
  const auto colon = uri.find(':', bracket == std::string_view::npos ? 0 : bracket);
  p.host = canonical_host(uri.substr(0, colon)).value_or(lower_case_of(uri.substr(0, colon)));
  if (colon != std::string_view::npos) p.port = uri.substr(colon + 1);
  return p;
}

}  // namespace

core::result<digest_algorithm> parse_digest_algorithm(std::string_view text) {
  const auto name = lower_case_of(text);
  if (name == "md5") return digest_algorithm::md5;
  if (name == "sha-256") return digest_algorithm::sha256;
  return core::fail(errc::malformed, "digest algorithm is neither MD5 nor SHA-256");
}

std::string_view name_of(digest_algorithm a) noexcept { return a == digest_algorithm::md5 ? "MD5" : "SHA-256"; }

std::string digest_hash(digest_algorithm a, std::string_view text) {
  return a == digest_algorithm::md5 ? identity::md5_hex(text) : identity::sha256_hex(text);
}

std::string digest_challenge::text() const {
  std::string out = "Digest realm=\"" + realm + "\", nonce=\"" + nonce + "\", opaque=\"" + opaque + "\"";
  if (stale) out += ", stale=true";
  out += ", algorithm=";
  out += name_of(algorithm);
  return out + ", qop=\"auth\"";
}

core::result<digest_credentials> digest_credentials::from(const credentials& c) {
  if (lower_case_of(c.scheme) != "digest") return core::fail(errc::malformed, "credentials of another scheme than Digest");
  digest_credentials out;
  unsigned seen = 0;
  for (const auto& [name, value] : c.parameters) {
    const auto known = std::ranges::find(fields, lower_case_of(name), &credential_field::name);
    if (known == fields.end()) continue;
    const auto bit = 1U << (known - fields.begin());
    if ((seen & bit) != 0) return core::fail(errc::malformed, "digest credentials: " + std::string(known->name) + " twice");
    seen |= bit;
    out.*(known->member) = known->resolved ? resolve_pairs(unquote(value)) : std::string(unquote(value));
  }
  constexpr auto all = (1U << required) - 1;
  if ((seen & all) != all) return core::fail(errc::malformed, "digest credentials: a parameter is missing");
  return out;
}

std::uint32_t digest_credentials::count() const {
  if (qop.empty()) return 1;
  std::uint32_t value = 0;
  const auto [end, ec] = std::from_chars(nc.data(), nc.data() + nc.size(), value, 16);
  return ec == std::errc() && end == nc.data() + nc.size() ? value : 0;
}

core::result<std::string> digest_response(const digest_credentials& c, digest_algorithm a, std::string_view ha1, std::string_view method) {
  const auto ha2 = digest_hash(a, std::string(method) + ":" + c.uri);
  const auto head = std::string(ha1) + ":" + c.nonce + ":";
  if (c.qop.empty()) return digest_hash(a, head + ha2);
  if (lower_case_of(c.qop) != "auth") return core::fail(errc::malformed, "digest qop is not auth");
  return digest_hash(a, head + c.nc + ":" + c.cnonce + ":" + c.qop + ":" + ha2);
}

bool digest_matches(const digest_credentials& c, digest_algorithm a, std::string_view ha1, std::string_view method) {
  const auto expected = digest_response(c, a, ha1, method);
  if (!expected) return false;
  const auto given = lower_case_of(c.response);
  return given.size() == expected->size() && identity::constant_time_equal(core::as_bytes(*expected), core::as_bytes(given));
}

bool digest_uri_acceptable(std::string_view digest_uri, std::string_view request_uri, std::span<const std::string> own_hosts) {
  const auto given = parts_of(digest_uri);
  return given == parts_of(request_uri) || std::ranges::find(own_hosts, given.host) != own_hosts.end();
}

}  // namespace phyllo::sip
