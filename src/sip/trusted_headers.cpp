#include "trusted_headers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "headers_field.hpp"
#include "headers_parse.hpp"
#include "host_name.hpp"
#include "message_edit.hpp"

namespace phyllo::sip {
namespace {

// What nobody outside of the trust domain says, authenticated or not: who he is, who has called whom before, what he may do.
constexpr std::array never_passed{
    "P-Asserted-Identity",   // RFC 3325 s.5: the proxy MUST replace or remove it
    "P-Preferred-Identity",  // RFC 3325 s.6: "The proxy MUST remove the user-provided P-Preferred-Identity header"
    "P-Asserted-Service",    // RFC 6050 s.4.2: as P-Asserted-Identity
    "P-Preferred-Service",   // RFC 6050 s.4.2: as P-Preferred-Identity
    "Remote-Party-ID",       // older than P-Asserted-Identity, and still what many phones show first
    "Identity",              // RFC 8224 s.6.2: nobody here verifies the signature, so its being there must not count
    "Identity-Info",         // RFC 4474, which came before
    "Resource-Priority",     // RFC 4412 s.11: must be authorized; it pre-empts the calls of others
};

bool matches(std::string_view pattern, std::string_view name) {
  if (!pattern.ends_with('*')) return equal_ignoring_case(pattern, name);
  pattern.remove_suffix(1);
  return equal_ignoring_case(pattern, name.substr(0, pattern.size()));
}

// RFC 3261 s.25.1 user: unreserved, user-unreserved, or escaped.
std::string escaped(std::string_view user) {
  constexpr std::string_view allowed = "-_.!~*'()&=+$,;?/";
  std::string out;
  for (const char c : user) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || allowed.find(c) != std::string_view::npos;
    if (plain) {
      out.push_back(c);
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

}  // namespace

void trusted_headers::clean(message& m, standing by) const {
  if (by == standing::trusted) return;
  remove_headers_if(m, [&](std::string_view name) {
    const auto is = [name](std::string_view pattern) { return matches(pattern, name); };
    return std::ranges::any_of(never_passed, is) || (by == standing::stranger && std::ranges::any_of(from_users_, is));
  });
}

void remove_unvouched(message& m, const own_names& own, const identity::certificate& by) {
  const auto unvouched = [&](const uri& u) { return own.is_domain(u.host) && !by.has_authority(*canonical_host(u.host)); };
  for (const auto& line : m.headers("P-Asserted-Identity")) {
    if (std::ranges::any_of(uris_of(line), unvouched)) return m.remove_headers("P-Asserted-Identity");
  }
}

void assert_identity(message& m, const std::string& user) {
  m.remove_headers("P-Asserted-Identity");
  const auto at = user.rfind('@');
  (void)m.add_header("P-Asserted-Identity", "<sip:" + escaped(user.substr(0, at)) + "@" + user.substr(at + 1) + ">");
}

}  // namespace phyllo::sip
