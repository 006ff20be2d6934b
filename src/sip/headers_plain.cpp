#include "headers_plain.hpp"

#include <algorithm>
#include <array>

#include "headers_field.hpp"
#include "headers_parameters.hpp"

namespace phyllo::sip {
namespace {

constexpr std::size_t plain_parameters_max = 24;

constexpr bool is_alphanumeric(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

// A set of characters, asked in constant time.
class character_set {
 public:
  constexpr explicit character_set(std::string_view beside_alphanumeric) {
    for (std::size_t c = 0; c < 128; ++c) in_[c] = is_alphanumeric(static_cast<char>(c));
    for (const char c : beside_alphanumeric) in_[static_cast<unsigned char>(c)] = true;
  }
  [[nodiscard]] constexpr bool has(char c) const noexcept { return in_[static_cast<unsigned char>(c)]; }
  [[nodiscard]] constexpr bool all(std::string_view text) const noexcept {
    for (const char c : text)
      if (!has(c)) return false;
    return true;
  }

 private:
  std::array<bool, 256> in_{};
};

constexpr character_set user_characters("-_.!~*'()&=+$");
constexpr character_set host_characters(".-");
constexpr std::string_view literal_characters = "0123456789abcdefABCDEF:.";
constexpr character_set uri_parameter_characters("-_.!~*'+=;");
constexpr character_set name_characters("-.!%*_+`'~");
constexpr character_set value_characters("-.!*_+'~:[]");

struct host_and_port {
  std::string_view host;
  std::optional<std::uint16_t> port;
};

std::optional<host_and_port> read_host_and_port(std::string_view text) {
  host_and_port out;
  const bool literal = text.starts_with('[');
  const auto end = literal ? text.find(']') + 1 : std::min(text.find(':'), text.size());
  out.host = text.substr(0, end);
  // A host that begins or ends with a dot or a hyphen is for others to judge.
  const bool usual = literal ? out.host.size() > 4 &&
                                   out.host.substr(1, out.host.size() - 2).find_first_not_of(literal_characters) == std::string_view::npos
                             : !out.host.empty() && is_alphanumeric(out.host.front()) && is_alphanumeric(out.host.back()) &&
                                   host_characters.all(out.host) && out.host.find("..") == std::string_view::npos;
  if (!usual) return std::nullopt;
  text.remove_prefix(end);
  if (text.empty()) return out;
  if (text.front() != ':') return std::nullopt;
  out.port = whole_number<std::uint16_t>(text.substr(1));
  if (!out.port) return std::nullopt;
  return out;
}

// ";name=value;flag", as a list.
class plain_parameters {
 public:
  // False: not all of `text` are such, or there are too many.
  [[nodiscard]] bool read(std::string_view text) {
    while (!text.empty()) {  // ends as each turn takes a parameter off
      if (text.front() != ';' || count_ == plain_parameters_max) return false;
      text.remove_prefix(1);
      const auto size = size_of_first(text);
      if (size == 0) return false;
      all_[count_++] = text.substr(0, size);
      text.remove_prefix(size);
    }
    return true;
  }
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const noexcept {
    for (const auto whole : *this) {
      const auto equals = std::min(whole.find('='), whole.size());
      if (equals != name.size() || !equal_ignoring_case(whole.substr(0, equals), name)) continue;
      return equals == whole.size() ? std::string_view() : whole.substr(equals + 1);
    }
    return std::nullopt;
  }
  [[nodiscard]] const std::string_view* begin() const noexcept { return all_.data(); }
  [[nodiscard]] const std::string_view* end() const noexcept { return all_.data() + count_; }

 private:
  // 0: it is no plain parameter.
  static std::size_t size_of_first(std::string_view text) noexcept {
    std::size_t at = 0;
    while (at < text.size() && name_characters.has(text[at])) ++at;
    if (at == 0 || at == text.size() || text[at] != '=') return at;
    const auto value = ++at;
    if (at < text.size() && text[at] == '"') {
      const auto close = text.find_first_of("\"\\\r\n\t", at + 1);
      return close == std::string_view::npos || text[close] != '"' ? 0 : close + 1;
    }
    while (at < text.size() && value_characters.has(text[at])) ++at;
    return at == value ? 0 : at;
  }

  std::array<std::string_view, plain_parameters_max> all_{};
  std::size_t count_ = 0;
};

// "Name ", "\"A. Name\" " or nothing.
std::optional<std::string_view> read_display(std::string_view text) {
  if (text.empty()) return text;
  if (!text.ends_with(' ')) return std::nullopt;
  text.remove_suffix(1);
  const bool quoted = text.size() > 2 && text.front() == '"' && text.find('"', 1) == text.size() - 1;
  const auto printable = [](char c) { return c >= ' ' && c <= '~' && c != '\\'; };
  const bool usual = quoted ? std::ranges::all_of(text, printable) : !text.empty() && std::ranges::all_of(text, is_alphanumeric);
  if (!usual) return std::nullopt;
  return text;
}

struct name_address {
  std::string_view display;
  std::optional<sip::uri> uri;
  plain_parameters parameters;
};

bool read_address(name_address& out, std::string_view text) {
  const auto open = text.find('<');
  const bool bare = open == std::string_view::npos;
  const auto close = bare ? std::min(text.find(';'), text.size()) : text.find('>', open);
  if (close == std::string_view::npos) return false;
  const auto begin = bare ? 0 : open + 1;
  const auto display = bare ? std::string_view() : read_display(text.substr(0, open));
  if (!display) return false;
  out.display = *display;
  if (!out.parameters.read(text.substr(bare ? close : close + 1))) return false;
  out.uri = plain_uri(text.substr(begin, close - begin));
  return out.uri.has_value();
}

}  // namespace

std::optional<uri> plain_uri(std::string_view text) {
  const auto colon = text.substr(0, 5).find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const bool secure = equal_ignoring_case(text.substr(0, colon), "sips");
  if (!secure && !equal_ignoring_case(text.substr(0, colon), "sip")) return std::nullopt;
  text.remove_prefix(colon + 1);
  uri u;
  if (const auto at = text.find('@'); at != std::string_view::npos) {
    const auto user = text.substr(0, at);
    if (user.empty() || !user_characters.all(user)) return std::nullopt;
    u.user = user;
    text.remove_prefix(at + 1);
  }
  const auto semicolon = std::min(text.find(';'), text.size());
  const auto place = read_host_and_port(text.substr(0, semicolon));
  if (!place) return std::nullopt;
  if (semicolon != text.size()) {
    const auto parameters = text.substr(semicolon + 1);
    const auto count = static_cast<std::size_t>(std::ranges::count(parameters, ';'));
    if (parameters.empty() || count >= plain_parameters_max || !uri_parameter_characters.all(parameters)) return std::nullopt;
    u.parameters = parameters;
  }
  u.scheme = secure ? "sips" : "sip";
  u.host = place->host;
  u.port = place->port;
  return u;
}

std::optional<via> plain_via(std::string_view text) {
  constexpr std::string_view version = "SIP/2.0/";
  if (!text.starts_with(version)) return std::nullopt;
  const auto space = text.find(' ');
  if (space == std::string_view::npos || space == version.size()) return std::nullopt;
  const auto semicolon = std::min(text.find(';'), text.size());
  if (semicolon < space) return std::nullopt;
  via out;
  out.transport = text.substr(version.size(), space - version.size());
  if (!std::ranges::all_of(out.transport, is_alphanumeric)) return std::nullopt;
  const auto place = read_host_and_port(text.substr(space + 1, semicolon - space - 1));
  plain_parameters parameters;
  if (!place || !parameters.read(text.substr(semicolon))) return std::nullopt;
  out.host = place->host;
  out.port = place->port.value_or(0);
  take_parameters(out, [&](std::string_view name) { return parameters.find(name); });
  return out;
}

std::optional<address> plain_address(std::string_view text) {
  name_address a;
  if (!read_address(a, text)) return std::nullopt;
  return address{a.display, std::move(*a.uri), a.parameters.find("tag").value_or("")};
}

std::optional<contact> plain_contact(std::string_view text) {
  name_address a;
  if (!read_address(a, text)) return std::nullopt;
  contact out;
  out.uri = std::move(*a.uri);
  take_parameters(out, [&](std::string_view name) { return a.parameters.find(name); });
  for (const auto whole : a.parameters) {
    if (is_feature(whole.substr(0, whole.find('=')))) out.features.append(";").append(whole);
  }
  return out;
}

std::optional<std::string> plain_stamp(std::string_view text, std::string_view received, std::uint16_t rport) {
  if (!plain_via(text)) return std::nullopt;
  const auto semicolon = std::min(text.find(';'), text.size());
  std::string out;
  out.reserve(text.size() + received.size() + 24);
  out.append(text.substr(0, semicolon));
  plain_parameters parameters;
  if (!parameters.read(text.substr(semicolon))) return std::nullopt;
  for (const auto whole : parameters) {
    const auto name = whole.substr(0, whole.find('='));
    if (!equal_ignoring_case(name, "received") && !equal_ignoring_case(name, "rport")) out.append(";").append(whole);
  }
  out.append(";received=").append(received);
  if (rport != 0) out.append(";rport=").append(std::to_string(rport));
  return out;
}

}  // namespace phyllo::sip
