// What this node answers to: its domains, and the addresses and ports in its own URIs.
#pragma once

#include <asio/ip/address.hpp>
#include <functional>
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
  std::uint16_t sip_port = 0;
  std::uint16_t sips_port = 0;
  std::vector<std::uint16_t> other_ports{};  // where this node listens too: SIP is spoken there as well
  // Another supernode of the ring has this address, as far as this node knows; empty: it knows of none.
  std::function<bool(const asio::ip::address&)> is_supernode{};
  std::vector<std::string> hosts{};  // what nodes are called, as service_options::host_names has it
  // DNS has given a node's address for this name (host_names.hpp), as canonical_host writes it; empty: nobody has asked.
  std::function<bool(const std::string&)> is_found{};

  // In every spelling (canonical_host).
  [[nodiscard]] bool is_domain(std::string_view host) const;
  [[nodiscard]] bool is_below_domain(std::string_view host) const;  // "node1.example.com"
  // An address of this node or of another supernode, or a name below a domain of ours that is this node's alone.
  [[nodiscard]] bool is_node(std::string_view host) const;
  // That, or any other name of a node: good for where a request is to go, not for who somebody is.
  [[nodiscard]] bool is_called(std::string_view host) const;
  [[nodiscard]] bool is_node(const uri& u) const;  // and one of the ports of SIP
  // Our address and one of our ports (absent: the scheme's default).
  [[nodiscard]] bool is_self(const uri& u) const;
  [[nodiscard]] bool is_self(const via& v) const;
  // Whoever put it into a Route meant this node, or any of its domain: a node by address or name with any port that this one listens on, or
  // the domain (s.16.4). Phones write there what they know as their outbound proxy.
  [[nodiscard]] bool is_proxy(const uri& u) const;
  // "user@domain" of a user of ours, the one form in which users are looked up and compared: by domain, or by a node's address and port
  // when there is one domain only (phones that were told an address instead of a domain), or by number (tel:). nullopt: not ours.
  [[nodiscard]] std::optional<std::string> user_of(const uri& u) const;
  // The same of a Request-URI, where a node is meant by any of its names.
  [[nodiscard]] std::optional<std::string> callee_of(const uri& u) const;
  // The user of that name in the only domain; nullopt where there are several.
  [[nodiscard]] std::optional<std::string> user_named(const std::string& user) const;
  [[nodiscard]] std::vector<std::string> all() const;  // domains and addresses, as canonical_host writes them

 private:
  [[nodiscard]] bool own_port(const uri& u) const;
  [[nodiscard]] bool listens(const uri& u) const;
};

// "<sip:user@192.0.2.1:5060;transport=tcp;lr>" naming this node; an empty user leaves it out.
[[nodiscard]] std::string own_uri(const own_names& own, std::string_view user, protocol by, bool sips);

// Where a URI leads, its host being an address (s.18.1.1). nullopt: a name (server_location finds those), or nowhere.
[[nodiscard]] std::optional<destination> resolve(const uri& u);

}  // namespace phyllo::sip
