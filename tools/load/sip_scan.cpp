#include "sip_scan.hpp"

#include <algorithm>
#include <charconv>

#include "phyllo/core/bytes.hpp"

namespace phyllo::load {
namespace {

enum class field : std::uint8_t { other, via, from, to, call_id, cseq, contact, record_route, challenge };

constexpr bool is_space(char c) noexcept { return c == ' ' || c == '\t'; }

std::string_view trimmed(std::string_view s) noexcept {
  while (!s.empty() && is_space(s.front())) s.remove_prefix(1);
  while (!s.empty() && is_space(s.back())) s.remove_suffix(1);
  return s;
}

// By length first: most names are none of these.
field field_named(std::string_view name) noexcept {
  const auto is = [&](std::string_view n) { return core::equal_ignoring_case(name, n); };
  switch (name.size()) {
    case 1:
      return is("v")   ? field::via
             : is("f") ? field::from
             : is("t") ? field::to
             : is("i") ? field::call_id
             : is("m") ? field::contact
                       : field::other;
    case 2: return is("To") ? field::to : field::other;
    case 3: return is("Via") ? field::via : field::other;
    case 4: return is("From") ? field::from : is("CSeq") ? field::cseq : field::other;
    case 7: return is("Call-ID") ? field::call_id : is("Contact") ? field::contact : field::other;
    case 12: return is("Record-Route") ? field::record_route : field::other;
    case 16: return is("WWW-Authenticate") ? field::challenge : field::other;
    case 18: return is("Proxy-Authenticate") ? field::challenge : field::other;
    default: return field::other;
  }
}

template <std::size_t N>
bool keep(std::array<std::string_view, N>& to, std::size_t& count, std::string_view what) noexcept {
  if (count == N) return false;
  to[count++] = what;
  return true;
}

// Cuts a list of name-addrs at its commas; those in brackets or quotes divide nothing.
template <class F>
void each_value(std::string_view list, F&& f) {
  std::size_t began = 0;
  bool quoted = false, bracketed = false;
  for (std::size_t i = 0; i <= list.size(); ++i) {
    const char c = i < list.size() ? list[i] : ',';
    const bool end = i == list.size();
    if (c == '"' && !bracketed) quoted = !quoted;
    if (!quoted && (c == '<' || c == '>')) bracketed = c == '<';
    if (!end && (c != ',' || quoted || bracketed)) continue;
    if (const auto v = trimmed(list.substr(began, i - began)); !v.empty()) f(v);
    began = i + 1;
  }
}

}  // namespace

bool sip_scan::read(std::string_view text) noexcept {
  *this = {};
  bool first = true;
  for (std::size_t at = 0; at < text.size();) {
    auto end = text.find('\n', at);
    if (end == std::string_view::npos) end = text.size() - 1;
    const auto whole = text.substr(at, end + 1 - at);
    const auto line = whole.substr(0, whole.find_last_not_of("\r\n") + 1);
    at = end + 1;
    if (line.empty()) {
      body = text.substr(at);
      return !first && !call_id.empty() && cseq != 0;
    }
    const auto colon = line.find(':');
    if (first ? !read_start(line)
              : colon != std::string_view::npos && !read_field(trimmed(line.substr(0, colon)), trimmed(line.substr(colon + 1)), whole))
      return false;
    first = false;
  }
  return false;
}

bool sip_scan::read_start(std::string_view line) noexcept {
  constexpr std::string_view version = "SIP/2.0";
  if (line.starts_with(version)) {
    const auto code = trimmed(line.substr(version.size()));
    const auto [end, error] = std::from_chars(code.data(), code.data() + std::min<std::size_t>(code.size(), 3), status);
    return error == std::errc() && status >= 100 && status <= 699 && end == code.data() + 3;
  }
  if (!line.ends_with(version)) return false;
  const auto space = line.find(' ');
  method = line.substr(0, space);
  uri = trimmed(line.substr(space, line.size() - version.size() - space));
  return !method.empty() && !uri.empty();
}

bool sip_scan::read_field(std::string_view name, std::string_view value, std::string_view line) noexcept {
  switch (field_named(name)) {
    case field::via: return keep(vias_, via_count_, line);
    case field::record_route: return keep(routes_, route_count_, line);
    case field::challenge: return keep(offers_, offer_count_, value);
    case field::from: from = value, from_line = line; break;
    case field::to: to = value; break;
    case field::call_id: call_id = value, call_id_line = line; break;
    case field::cseq:
      cseq_line = line;
      read_cseq(value);
      break;
    case field::contact:
      if (contact.empty()) contact = value;
      break;
    case field::other: break;
  }
  return true;
}

void sip_scan::read_cseq(std::string_view value) noexcept {
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), cseq);
  if (error != std::errc()) cseq = 0;
  if (status != 0) method = trimmed(value.substr(static_cast<std::size_t>(end - value.data())));
}

std::string_view parameter_of(std::string_view value, std::string_view name) noexcept {
  const auto bracket = value.find('>');
  for (auto at = value.find(';', bracket == std::string_view::npos ? 0 : bracket); at != std::string_view::npos;) {
    const auto end = std::min(value.find(';', at + 1), value.size());
    const auto one = value.substr(at + 1, end - at - 1);
    const auto equals = std::min(one.find('='), one.size());
    if (core::equal_ignoring_case(trimmed(one.substr(0, equals)), name)) return equals < one.size() ? trimmed(one.substr(equals + 1)) : "";
    at = end < value.size() ? end : std::string_view::npos;
  }
  return {};
}

std::string_view uri_of(std::string_view value) noexcept {
  const auto open = value.find('<');
  if (open == std::string_view::npos) return trimmed(value.substr(0, value.find_first_of(";,")));
  const auto close = value.find('>', open);
  return close == std::string_view::npos ? std::string_view() : value.substr(open + 1, close - open - 1);
}

void append_routes(std::string& to, const sip_scan& response) {
  std::array<std::string_view, sip_scan::lines_max> values;
  std::size_t count = 0;
  for (const auto line : response.record_routes())
    each_value(trimmed(line.substr(line.find(':') + 1, line.find_last_not_of("\r\n") - line.find(':'))),
               [&](std::string_view v) { static_cast<void>(keep(values, count, v)); });
  while (count > 0) to.append("Route: ").append(values[--count]).append("\r\n");
}

}  // namespace phyllo::load
