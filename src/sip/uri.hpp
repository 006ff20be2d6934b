// A SIP, SIPS or other URI, split and owned (RFC 3261 s.19.1).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "phyllo/core/bytes.hpp"
#include "phyllo/core/result.hpp"

namespace phyllo::sip {

struct uri {
  std::string scheme;  // lower case
  std::string user;    // escapes of unreserved characters are resolved, others kept; may hold ";par=x"
  std::string password;
  std::string host;  // as written; IPv6 in brackets
  std::optional<std::uint16_t> port;
  std::string parameters;  // "transport=tcp;lr", without the first semicolon
  std::string headers;     // after '?'
  std::string opaque;      // other schemes than sip and sips: all after the colon; then all above but scheme is empty

  // errc::malformed with what is wrong. Never throws on input.
  [[nodiscard]] static core::result<uri> parse(std::string_view text);

  [[nodiscard]] std::string text() const;
  [[nodiscard]] bool is_sip() const noexcept { return scheme == "sip" || scheme == "sips"; }
  [[nodiscard]] bool secure() const noexcept { return scheme == "sips"; }

  // The value of a URI parameter (names compare without case): "" for a flag such as lr; nullopt when absent.
  [[nodiscard]] std::optional<std::string> parameter(std::string_view name) const;
  void set_parameter(std::string_view name, std::string_view value = {});  // adds or replaces; an empty value: a flag
  void remove_parameter(std::string_view name);

  // "user@host": user with every escape resolved, host as canonical_host writes it, no port. What an address-of-record compares by
  // (s.10.3 step 5).
  [[nodiscard]] std::string address_of_record() const;
  [[nodiscard]] std::string user_unescaped() const;

  // Equivalence by s.19.1.4.
  [[nodiscard]] bool same_as(const uri& other) const;
};

using core::equal_ignoring_case;  // as most of SIP's tokens compare (s.7.3.1)

}  // namespace phyllo::sip
