// What this node answers to: its domains, and the addresses and ports in its own URIs.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "transport_layer.hpp"
#include "uri.hpp"

namespace phyllo::sip {

struct own_names {
  std::vector<std::string> domains;    // lower case
  std::vector<std::string> addresses;  // as in URIs, lower case, IPv6 in brackets
  std::uint16_t sip_port = 5060;
  std::uint16_t sips_port = 5061;

  [[nodiscard]] bool is_domain(std::string_view host) const;
  // Our address and one of our ports (absent: the scheme's default).
  [[nodiscard]] bool is_self(const uri& u) const;
  [[nodiscard]] bool is_self(const via& v) const;
  // "user@domain" of a user of ours: by domain, or by our address when there is one domain only (phones that were
  // told an address instead of a domain). nullopt: not ours.
  [[nodiscard]] std::optional<std::string> user_of(const uri& u) const;
  [[nodiscard]] std::vector<std::string> all() const;  // domains and addresses
};

// "<sip:user@192.0.2.1:5060;transport=tcp;lr>" naming this node; an empty user leaves it out.
[[nodiscard]] std::string own_uri(const own_names& own, std::string_view user, protocol by, bool sips);

// Where a URI leads, its host being an address (s.18.1.1). nullopt: a name (server_location finds those), or nowhere.
[[nodiscard]] std::optional<destination> resolve(const uri& u);

}  // namespace phyllo::sip
