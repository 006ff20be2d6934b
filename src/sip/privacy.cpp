#include "privacy.hpp"

#include <algorithm>
#include <array>

#include "message_fields.hpp"

namespace phyllo::sip {
namespace {

constexpr std::array served{"id", "history"};
constexpr std::array not_served{"header", "session", "user"};
// s.5.3: "non-essential informational headers that have been added by the user agent".
constexpr std::array informational{"Subject", "Call-Info", "Organization", "User-Agent", "Reply-To", "In-Reply-To"};

template <class List>
bool among(const List& list, std::string_view value) {
  return std::ranges::any_of(list, [value](std::string_view each) { return each == value; });
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> out(1);
  for (const char c : text) {
    if (c == ';' || c == ',') {
      out.emplace_back();
    } else if (c > ' ') {
      out.back().push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c);
    }
  }
  std::erase(out, std::string());
  return out;
}

void remove_option_tag(message& m) {
  std::string kept;
  for (const auto tag : option_tags(m, field::proxy_require)) {
    if (!equal_ignoring_case(tag, "privacy")) kept.append(kept.empty() ? "" : ", ").append(tag);
  }
  m.remove_headers("Proxy-Require");
  if (!kept.empty()) (void)m.add_header("Proxy-Require", kept);
}

void rewrite(message& m, const privacy& asked) {
  std::string left;
  bool any = false;
  for (const auto& value : asked.values) {
    if (among(served, value)) continue;
    any = any || value != "critical";
    left.append(left.empty() ? "" : ";").append(value);
  }
  m.remove_headers("Privacy");
  if (any) {
    (void)m.add_header("Privacy", left);
  } else if (m.is_request()) {
    remove_option_tag(m);
  }
}

}  // namespace

privacy privacy::of(const message& m) {
  privacy p;
  for (const auto& line : m.headers("Privacy")) {
    for (auto& value : split(line)) p.values.push_back(std::move(value));
  }
  return p;
}

bool privacy::wants(std::string_view value) const { return among(values, value); }

std::optional<refusal> privacy_refusal(const message& m) {
  const auto asked = privacy::of(m);
  if (!asked.wants("critical") || asked.none()) return std::nullopt;
  std::string unmet;
  for (const auto& value : asked.values) {
    if (value == "critical" || among(served, value)) continue;
    // What a stranger wrote goes back as a token only, and what is known only.
    unmet.append(unmet.empty() ? "" : ", ").append(among(not_served, value) ? value : "an unknown value");
  }
  if (unmet.empty()) return std::nullopt;
  return refusal{500, "Privacy Failure - Not Supported: " + unmet};
}

void hide_private(message& m) {
  const auto asked = privacy::of(m);
  if (asked.values.empty() || asked.none()) return;
  // s.5.1: with `header`, too, nothing that reveals an identity is to be added by the network.
  if (asked.wants("id") || asked.wants("user") || asked.wants("header")) m.remove_headers("P-Asserted-Identity");
  // RFC 7044 s.10.1.2: "header" and "session" cover it, too.
  const bool history = asked.wants("history") || asked.wants("user") || asked.wants("header") || asked.wants("session");
  if (history) {
    m.remove_headers("History-Info");
    m.remove_headers("Diversion");
  }
  if (asked.wants("user")) {
    for (const auto* name : informational) m.remove_headers(name);
  }
  rewrite(m, asked);
}

}  // namespace phyllo::sip
