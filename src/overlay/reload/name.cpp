#include "phyllo/overlay/name.hpp"

#include <algorithm>
#include <cctype>
#include <optional>

#include "phyllo/overlay/errc.hpp"
#include "reload/utf8.hpp"

namespace phyllo::overlay {
namespace {

constexpr std::size_t type_max = 255;
constexpr std::size_t subject_max = 1023;  // as in ResourceKey

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

bool is_scheme(std::string_view text) {
  const auto s = lower(text);
  return s == "sip" || s == "sips";
}

// RFC 3986 s.2.1; nothing if a '%' is not followed by two digits.
std::optional<std::string> decode_percent(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    const auto octet = i + 2 < text.size() ? core::from_hex(text.substr(i + 1, 2)) : std::nullopt;
    if (!octet) return std::nullopt;
    out.push_back(static_cast<char>(octet->front()));
    i += 2;
  }
  return out;
}

// Host without port, in lower case; empty if it is none.
std::string normal_host(std::string_view text) {
  const auto closing = text.starts_with('[') ? text.find(']') : std::string_view::npos;
  const auto end = text.find(':', closing == std::string_view::npos ? 0 : closing);
  if (end != std::string_view::npos) {
    const auto port = text.substr(end + 1);
    if (port.empty() || port.size() > 5 || !std::ranges::all_of(port, [](unsigned char c) { return std::isdigit(c) != 0; })) return {};
    text = text.substr(0, end);
  }
  const auto allowed = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_' || c == '[' || c == ']' || c == ':';
  };
  return std::ranges::all_of(text, allowed) ? lower(text) : std::string();
}

// A user URI or a domain, without scheme, port, parameters and headers.
std::optional<std::string> normal_subject(std::string_view text) {
  if (const auto colon = text.find(':'); colon != std::string_view::npos && is_scheme(text.substr(0, colon))) text = text.substr(colon + 1);
  const auto at = text.rfind('@');
  const auto tail = text.find_first_of(";?", at == std::string_view::npos ? 0 : at);
  text = text.substr(0, tail);
  if (at == std::string_view::npos) {
    auto host = normal_host(text);
    return host.empty() ? std::nullopt : std::optional(std::move(host));
  }
  const auto user = decode_percent(text.substr(0, at));
  const auto host = normal_host(text.substr(at + 1));
  if (!user || user->empty() || host.empty()) return std::nullopt;
  return *user + "@" + host;
}

}  // namespace

core::result<name> name::parse(std::string_view text) {
  const auto colon = text.find(':');
  const bool typed = colon < text.find('@') && colon != std::string_view::npos && !is_scheme(text.substr(0, colon));
  name n;
  n.type = typed ? std::string(text.substr(0, colon)) : "data";
  const auto rest = typed ? text.substr(colon + 1) : text;
  if (!typed && rest.find('@') == std::string_view::npos)
    return core::fail(errc::invalid_name, "'" + printable(text) + "' is neither user@domain nor type:domain");
  const auto subject = normal_subject(rest);
  if (!subject) return core::fail(errc::invalid_name, "'" + printable(rest) + "' is not a user URI or a domain");
  n.subject = *subject;
  if (n.type.empty() || n.type.size() > type_max || !plain_utf8(n.type))
    return core::fail(errc::invalid_name, "the type is empty, too long or not plain UTF-8");
  if (n.subject.size() > subject_max || !plain_utf8(n.subject))
    return core::fail(errc::invalid_name, "the subject is too long or not plain UTF-8");
  return n;
}

resource_id name::key(resource_hash h) const { return hash_to_resource(h, core::as_bytes(text())); }

std::string name::domain() const {
  const auto at = subject.rfind('@');
  return at == std::string::npos ? subject : subject.substr(at + 1);
}

}  // namespace phyllo::overlay
