#include <fmt/format.h>
#include <http_parser.h>

#include <algorithm>
#include <optional>

#include "phyllo/core/errc.hpp"
#include "phyllo/transport/http.hpp"

namespace phyllo::transport {
namespace {

std::string decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto octet = text[i] == '%' ? core::from_hex(text.substr(i + 1, 2)) : std::nullopt;
    if (octet && octet->size() == 1) {
      out += static_cast<char>(octet->front());
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

std::uint16_t default_port(std::string_view scheme) {
  if (scheme == "https") return 443;
  return scheme == "http" ? 80 : 0;
}

}  // namespace

std::string http_request::path() const { return target.substr(0, target.find('?')); }

std::string http_request::query(std::string_view name) const {
  const auto mark = target.find('?');
  if (mark == std::string::npos) return {};
  std::string_view rest = std::string_view(target).substr(mark + 1);
  while (!rest.empty()) {  // each turn takes one pair
    const auto pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    const auto equals = pair.find('=');
    if (decode(pair.substr(0, equals)) == name) return equals == std::string_view::npos ? std::string() : decode(pair.substr(equals + 1));
  }
  return {};
}

core::result<url> url::parse(std::string_view text) {
  http_parser_url parts;
  http_parser_url_init(&parts);
  const bool parsed = http_parser_parse_url(text.data(), text.size(), 0, &parts) == 0;
  const auto part = [&](http_parser_url_fields f) {
    return (parts.field_set & (1U << f)) != 0 ? text.substr(parts.field_data[f].off, parts.field_data[f].len) : std::string_view();
  };
  if (!parsed || part(UF_SCHEMA).empty() || part(UF_HOST).empty())
    return core::fail(core::errc::malformed, fmt::format("'{}' is no URL", text));
  url out;
  out.scheme = part(UF_SCHEMA);
  std::ranges::transform(out.scheme, out.scheme.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  out.host = part(UF_HOST);
  out.port = parts.port != 0 ? parts.port : default_port(out.scheme);
  if (!part(UF_PATH).empty()) out.target = part(UF_PATH);
  if (!part(UF_QUERY).empty()) out.target += "?" + std::string(part(UF_QUERY));
  return out;
}

}  // namespace phyllo::transport
