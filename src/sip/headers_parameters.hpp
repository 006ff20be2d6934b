// What the parameters of header fields mean, whoever has read them (RFC 3261 s.20.10, s.20.42).
#pragma once

#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>

#include "headers.hpp"

namespace phyllo::sip {

// The whole text is a number that fits.
template <class Number>
[[nodiscard]] std::optional<Number> whole_number(std::string_view text) noexcept {
  Number number = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (ec != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// s.25.1 qvalue: 0 to 1 with at most three decimals; what breaks it counts as 1 (the default).
[[nodiscard]] inline std::uint16_t thousandths(std::string_view text) noexcept {
  const auto q = whole_number<double>(text);
  const bool good = q && *q >= 0 && *q <= 1;
  return good ? static_cast<std::uint16_t>(std::lround(*q * 1000)) : std::uint16_t{1000};
}

[[nodiscard]] constexpr std::string_view unquoted(std::string_view text) noexcept {
  return text.size() >= 2 && text.front() == '"' && text.back() == '"' ? text.substr(1, text.size() - 2) : text;
}

// `find(name)`: the value of the first parameter of that name, "" for a flag; nullopt when absent.
template <class Find>
void take_parameters(via& out, const Find& find) {
  out.branch = find("branch").value_or("");
  out.received = find("received").value_or("");
  out.maddr = find("maddr").value_or("");
  const auto rport = find("rport");
  out.has_rport = rport.has_value();
  if (rport) out.rport = whole_number<std::uint16_t>(*rport).value_or(0);
}

template <class Find>
void take_parameters(contact& out, const Find& find) {
  if (const auto q = find("q")) out.q_thousandths = thousandths(*q);
  // s.10.2.1.1: "malformed values SHOULD be treated as equivalent to 3600".
  if (const auto e = find("expires")) out.expires = whole_number<std::uint32_t>(*e).value_or(3600);
  out.instance = unquoted(find("+sip.instance").value_or(""));
  out.reg_id = whole_number<std::uint32_t>(find("reg-id").value_or("")).value_or(0);
}

// Parameters of a Contact that say something of the phone (RFC 3840 s.9), not of this registration.
[[nodiscard]] inline bool is_feature(std::string_view name) noexcept {
  constexpr std::array<std::string_view, 5> others{"q", "expires", "+sip.instance", "reg-id", "action"};
  for (const auto other : others)
    if (equal_ignoring_case(other, name)) return false;
  return true;
}

}  // namespace phyllo::sip
