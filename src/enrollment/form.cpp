#include "form.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "header_value.hpp"
#include "phyllo/core/errc.hpp"

namespace phyllo::enrollment {
namespace {

constexpr std::size_t part_headers_max = 8;
constexpr std::size_t boundary_max = 70;  // RFC 2046 s.5.1.1
constexpr std::string_view crlf = "\r\n";

std::unexpected<core::error> malformed(std::string_view why) { return core::fail(core::errc::malformed, std::string(why)); }

core::status add(form& to, std::string name, std::string value) {
  if (name.empty()) return malformed("a form field without a name");
  if (to.size() == form_fields_max) return malformed("too many form fields");
  if (!to.emplace(std::move(name), std::move(value)).second) return malformed("a form field twice");
  return {};
}

std::optional<std::string_view> take_line(std::string_view& in) {
  const auto end = in.find(crlf);
  if (end == std::string_view::npos) return std::nullopt;
  const auto line = in.substr(0, end);
  in.remove_prefix(end + crlf.size());
  return line;
}

// The field's name, from a part's headers; `in` is left at the content.
core::result<std::string> take_part_headers(std::string_view& in) {
  std::string name;
  for (std::size_t i = 0; i <= part_headers_max; ++i) {
    const auto line = take_line(in);
    if (!line) return malformed("a part's header without an end");
    if (line->empty()) return name;
    const auto colon = line->find(':');
    if (colon == std::string_view::npos) return malformed("a part's header without a colon");
    const auto header = lower(line->substr(0, colon));
    const auto value = header_value::parse(line->substr(colon + 1));
    if (header == "content-disposition") {
      const auto* n = value && value->value == "form-data" ? value->parameter("name") : nullptr;
      if (n == nullptr || !name.empty()) return malformed("a part that is not form-data with one name");
      name = *n;
    } else if (header == "content-transfer-encoding") {  // deprecated (RFC 7578 s.4.7)
      if (!value || (value->value != "binary" && value->value != "8bit" && value->value != "7bit")) {
        return malformed("a part encoded for transfer");
      }
    }
  }
  return malformed("a part with too many headers");
}

bool valid_boundary(const std::string* b) {
  constexpr std::string_view marks = "'()+_,-./:=? ";
  return b != nullptr && !b->empty() && b->size() <= boundary_max && b->back() != ' ' && std::ranges::all_of(*b, [&](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || marks.find(c) != std::string_view::npos;
         });
}

// --boundary CRLF headers CRLF CRLF content CRLF --boundary ... --boundary-- [CRLF]
core::result<form> parse_multipart(const std::string* boundary, std::string_view body) {
  if (!valid_boundary(boundary)) return malformed("multipart/form-data without a proper boundary");
  const auto opening = "--" + *boundary;
  const auto delimiter = "\r\n" + opening;
  if (!body.starts_with(opening)) return malformed("a body that does not begin with its boundary");
  body.remove_prefix(opening.size());
  form fields;
  while (true) {  // ends at the closing boundary, or where the body breaks the form
    if (body == "--" || body == "--\r\n") return fields;
    if (!body.starts_with(crlf)) return malformed("a boundary with something after it");
    body.remove_prefix(crlf.size());
    auto name = take_part_headers(body);
    if (!name) return core::fail(name.error());
    const auto end = body.find(delimiter);
    if (end == std::string_view::npos) return malformed("a body without its closing boundary");
    if (auto ok = add(fields, *std::move(name), std::string(body.substr(0, end))); !ok) return core::fail(ok.error());
    body.remove_prefix(end + delimiter.size());
  }
}

int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    const int high = i + 1 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

core::result<form> parse_urlencoded(std::string_view body) {
  form fields;
  while (!body.empty()) {  // ends with the body, or at a pair that is none
    const auto pair = body.substr(0, body.find('&'));
    body.remove_prefix(std::min(body.size(), pair.size() + 1));
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos) return malformed("a form field without '='");
    auto name = unescaped(pair.substr(0, equals));
    auto value = unescaped(pair.substr(equals + 1));
    if (!name || !value) return malformed("a broken %-escape");
    if (auto ok = add(fields, *std::move(name), *std::move(value)); !ok) return core::fail(ok.error());
  }
  return fields;
}

}  // namespace

core::result<form> parse_form(std::string_view content_type, std::string_view body) {
  if (body.size() > form_bytes_max) return malformed("a form over 64 KiB");
  const auto type = header_value::parse(content_type);
  if (type && type->value == "multipart/form-data") return parse_multipart(type->parameter("boundary"), body);
  if (type && type->value == "application/x-www-form-urlencoded") return parse_urlencoded(body);
  return malformed("neither multipart/form-data nor application/x-www-form-urlencoded");
}

std::string print_multipart(const form& fields, std::string_view boundary) {
  std::string out;
  for (const auto& [name, value] : fields) {
    out += fmt::format("--{}\r\nContent-Disposition: form-data; name=\"{}\"\r\n", boundary, name);
    if (name == "csr") out += "Content-Type: application/pkcs10\r\n";
    out += "\r\n" + value + "\r\n";
  }
  return out + fmt::format("--{}--\r\n", boundary);
}

}  // namespace phyllo::enrollment
