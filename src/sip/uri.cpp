#include "uri.hpp"

#include <sofia-sip/url.h>

#include <algorithm>
#include <charconv>

#include "headers_parse.hpp"
#include "headers_plain.hpp"
#include "host_name.hpp"
#include "pre_scan.hpp"

namespace phyllo::sip {
namespace {

constexpr std::ptrdiff_t parameters_max = 64;

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

std::string lowered(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

std::string given(const char* text) { return text == nullptr ? std::string() : std::string(text); }

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  const char l = lower(c);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

std::string unescaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0;
    if (!escape) {
      out.push_back(text[i]);
      continue;
    }
    out.push_back(static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2])));
    i += 2;
  }
  return out;
}

// RFC 3261 s.25.1 host: a hostname, an IPv4 address, or an IPv6 reference in brackets.
bool is_host(std::string_view host) noexcept {
  if (host.starts_with('[')) {
    if (host.size() < 4 || !host.ends_with(']')) return false;
    return host.substr(1, host.size() - 2).find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
  }
  constexpr std::string_view other = "-._";  // "_" is no host character, but phones write it
  return !host.empty() && std::all_of(host.begin(), host.end(), [other](char c) {
    return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || other.find(c) != std::string_view::npos;
  });
}

core::result<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (ec != std::errc() || end != text.data() + text.size()) return core::fail(errc::malformed, "the port of a URI is no port");
  return port;
}

// Calls f(name, value, whole) for each ";"-separated parameter until it returns false.
template <class Function>
void each_parameter(std::string_view parameters, Function f) {
  while (!parameters.empty()) {  // ends as each turn takes one parameter off
    const auto semicolon = parameters.find(';');
    const auto whole = parameters.substr(0, semicolon);
    const auto equals = whole.find('=');
    const auto value = equals == std::string_view::npos ? std::string_view() : whole.substr(equals + 1);
    if (!f(whole.substr(0, equals), value, whole) || semicolon == std::string_view::npos) return;
    parameters.remove_prefix(semicolon + 1);
  }
}

}  // namespace

core::result<uri> uri::parse(std::string_view text) {
  if (auto plain = plain_uri(text); plain && text.size() <= message_limits::header_bytes_max) return std::move(*plain);
  constexpr std::string_view outside = " \t\r\n<>\"";
  if (text.empty() || text.size() > message_limits::header_bytes_max) return core::fail(errc::malformed, "an empty or endless URI");
  const bool clean = std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7f; });
  if (!clean || text.find_first_of(outside) != std::string_view::npos) return core::fail(errc::malformed, "a character that no URI holds");
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0) return core::fail(errc::malformed, "a URI without scheme");

  uri u;
  u.scheme = lowered(text.substr(0, colon));
  if (!u.is_sip()) {
    constexpr std::string_view marks = "+-.";
    const bool scheme = std::all_of(u.scheme.begin(), u.scheme.end(), [marks](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || marks.find(c) != std::string_view::npos;
    });
    if (!scheme) return core::fail(errc::malformed, "a URI without scheme");
    u.opaque = text.substr(colon + 1);
    return u;
  }

  std::string scratch(text);  // sofia splits in place
  url_t parsed{};
  if (url_d(&parsed, scratch.data()) < 0) return core::fail(errc::malformed, "not a SIP URI");
  return from_url(parsed);
}

core::result<uri> from_url(const url_t& parsed) {
  uri u;
  u.scheme = lowered(given(parsed.url_scheme));
  if (!u.is_sip()) return core::fail(errc::malformed, "not a SIP URI");
  u.user = given(parsed.url_user);
  u.password = given(parsed.url_password);
  u.host = given(parsed.url_host);
  u.parameters = given(parsed.url_params);
  u.headers = given(parsed.url_headers);
  if (!is_host(u.host) || parsed.url_path != nullptr || parsed.url_fragment != nullptr)
    return core::fail(errc::malformed, "the host of a URI is none");
  // Comparing two URIs looks each parameter up in the other.
  if (std::ranges::count(u.parameters, ';') >= parameters_max) return core::fail(errc::malformed, "a URI of too many parameters");
  // Some read up to the first '@', others up to the last: neither is right.
  if (u.user.find('@') != std::string::npos) return core::fail(errc::malformed, "an '@' in the user part");
  if (parsed.url_user != nullptr && u.user.empty()) return core::fail(errc::malformed, "an empty user part");
  if (parsed.url_port == nullptr) return u;
  const auto port = parse_port(parsed.url_port);
  if (!port) return core::fail(port.error());
  u.port = *port;
  return u;
}

std::string uri::text() const {
  std::string out = scheme + ":";
  if (!is_sip()) return out + opaque;
  if (!user.empty()) {
    out += user;
    if (!password.empty()) out.append(":").append(password);
    out += '@';
  }
  out += host;
  if (port) out.append(":").append(std::to_string(*port));
  if (!parameters.empty()) out.append(";").append(parameters);
  if (!headers.empty()) out.append("?").append(headers);
  return out;
}

std::optional<std::string> uri::parameter(std::string_view name) const {
  std::optional<std::string> found;
  each_parameter(parameters, [&](std::string_view n, std::string_view value, std::string_view) {
    if (equal_ignoring_case(n, name)) found = unescaped(value);
    return !found;
  });
  return found;
}

void uri::remove_parameter(std::string_view name) {
  std::string kept;
  each_parameter(parameters, [&](std::string_view n, std::string_view, std::string_view whole) {
    if (!equal_ignoring_case(n, name)) kept.append(kept.empty() ? "" : ";").append(whole);
    return true;
  });
  parameters = std::move(kept);
}

void uri::set_parameter(std::string_view name, std::string_view value) {
  remove_parameter(name);
  if (!parameters.empty()) parameters += ';';
  parameters += name;
  if (!value.empty()) parameters.append("=").append(value);
}

std::string uri::user_unescaped() const { return unescaped(user); }

std::string uri::address_of_record() const { return user_unescaped() + "@" + canonical_host(host).value_or(lowered(host)); }

bool uri::same_as(const uri& other) const {
  if (scheme != other.scheme) return false;
  if (!is_sip()) return opaque == other.opaque;
  if (unescaped(user) != unescaped(other.user) || unescaped(password) != unescaped(other.password)) return false;
  if (!equal_ignoring_case(host, other.host) || port != other.port) return false;
  // "A URI omitting any component with a default value will not match a URI explicitly containing that component", and
  // these parameters count even when only one of the two has them.
  for (const std::string_view name : {"user", "ttl", "method", "maddr", "transport"})
    if (parameter(name).has_value() != other.parameter(name).has_value()) return false;
  bool same = true;
  // One that comes twice, which s.19.1.1 forbids, counts as it came first.
  each_parameter(parameters, [&](std::string_view name, std::string_view, std::string_view) {
    const auto theirs = other.parameter(name);
    same = !theirs || equal_ignoring_case(*theirs, *parameter(name));
    return same;
  });
  return same && unescaped(headers) == unescaped(other.headers);
}

}  // namespace phyllo::sip
