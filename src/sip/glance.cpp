#include "glance.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "uri.hpp"

namespace phyllo::sip {
namespace {

// One header field with its continuation lines and last line end; moves `rest` on. Empty: the header is over.
std::string_view next_field(std::string_view& rest) {
  std::size_t end = 0;
  do {  // ends with the field's last line
    end = rest.find('\n', end);
    if (end == std::string_view::npos) return {};
    ++end;
  } while (end < rest.size() && (rest[end] == ' ' || rest[end] == '\t'));
  const auto field = rest.substr(0, end);
  rest.remove_prefix(end);
  return field == "\r\n" || field == "\n" ? std::string_view() : field;
}

bool named(std::string_view field, std::string_view name, char compact) {
  const auto colon = field.find(':');
  if (colon == std::string_view::npos) return false;
  auto given = field.substr(0, colon);
  while (!given.empty() && (given.back() == ' ' || given.back() == '\t')) given.remove_suffix(1);
  return equal_ignoring_case(given, name) || (given.size() == 1 && compact != 0 && (given[0] | 0x20) == compact);
}

// Of To: behind the URI's bracket, where there is one, since a URI may hold anything.
std::string_view tag_of(std::string_view to) {
  const auto bracket = to.rfind('>');
  if (bracket != std::string_view::npos) to.remove_prefix(bracket);
  for (auto at = to.find(';'); at != std::string_view::npos; at = to.find(';', at)) {  // each octet is passed once
    at = std::min(to.find_first_not_of(" \t;", at), to.size());
    if (equal_ignoring_case(to.substr(at, 4), "tag=")) return to.substr(at + 4);
  }
  return {};
}

std::string_view first_line(std::string_view& rest) {
  const auto begin = rest.find_first_not_of("\r\n");
  rest.remove_prefix(std::min(begin, rest.size()));
  return next_field(rest);
}

}  // namespace

glance glance::at(std::string_view message) {
  glance g;
  auto rest = message;
  const auto start = first_line(rest);
  constexpr std::array<std::pair<std::string_view, kind>, 4> kinds{
      {{"SIP/", kind::response}, {"ACK ", kind::ack}, {"CANCEL ", kind::cancel}, {"INVITE ", kind::invite}}};
  for (const auto& [begins, what] : kinds)
    if (start.starts_with(begins)) g.what = what;
  for (auto field = next_field(rest); !field.empty(); field = next_field(rest)) {  // ends with the header
    if (g.to_tag.empty() && named(field, "To", 't')) g.to_tag = tag_of(field);
    g.routed = g.routed || named(field, "Route", 0);
    if (g.credentials.empty() && (named(field, "Authorization", 0) || named(field, "Proxy-Authorization", 0)))
      g.credentials = field.substr(field.find(':') + 1);
  }
  return g;
}

std::string_view field_of(std::string_view message, std::string_view name, char compact) {
  static_cast<void>(first_line(message));
  for (auto field = next_field(message); !field.empty(); field = next_field(message))  // ends with the header
    if (named(field, name, compact)) return field.substr(field.find(':') + 1);
  return {};
}

std::string_view parameter_of(std::string_view credentials, std::string_view name) {
  for (std::size_t at = 0; at + name.size() < credentials.size(); ++at) {
    const auto c = at == 0 ? ',' : credentials[at - 1];
    if (c != ',' && c != ' ' && c != '\t') continue;
    if (!equal_ignoring_case(credentials.substr(at, name.size()), name) || credentials[at + name.size()] != '=') continue;
    auto value = credentials.substr(at + name.size() + 1);
    if (!value.starts_with('"')) return value.substr(0, value.find_first_of(", \t\r\n"));
    value.remove_prefix(1);
    return value.substr(0, std::min(value.find('"'), value.size()));
  }
  return {};
}

std::string unavailable_to(std::string_view request, std::string_view tag, unsigned retry_after_s) {
  constexpr std::array<std::pair<std::string_view, char>, 5> copied{
      {{"To", 't'}, {"Via", 'v'}, {"From", 'f'}, {"Call-ID", 'i'}, {"CSeq", 0}}};
  auto rest = request;
  const auto start = first_line(rest);
  if (start.starts_with("SIP/") || start.starts_with("ACK ")) return {};
  std::string out("SIP/2.0 503 Overloaded\r\n");
  out.reserve(request.size() + 160);
  std::array<bool, copied.size()> seen{};
  for (auto field = next_field(rest); !field.empty(); field = next_field(rest)) {  // ends with the header
    const auto which = std::ranges::find_if(copied, [&](const auto& c) { return named(field, c.first, c.second); });
    if (which == copied.end()) continue;
    auto& before = seen.at(static_cast<std::size_t>(which - copied.begin()));
    if (before && which->first != "Via") return {};  // s.7.3.1: one of each
    before = true;
    const bool tagless = which == copied.begin() && tag_of(field).empty();
    if (tagless) field = field.substr(0, field.find_last_not_of("\r\n") + 1);
    out += field;
    if (tagless) out.append(";tag=").append(tag).append("\r\n");
  }
  if (!std::ranges::all_of(seen, [](bool s) { return s; })) return {};
  return out + "Retry-After: " + std::to_string(retry_after_s) + "\r\nContent-Length: 0\r\n\r\n";
}

}  // namespace phyllo::sip
