// Who is in this node's trust domain (RFC 3324 s.2.2, RFC 3325 s.2): the other supernodes of its domain, over connections on which both
// have shown their certificates, and peers that the operator has configured. Everybody else is a stranger until digest shows him.
#pragma once

#include <string>
#include <vector>

#include "phyllo/transport/address_prefix.hpp"
#include "transport_layer.hpp"

namespace phyllo::sip {

class trust_domain {
 public:
  // `peers`: addresses or prefixes; what is neither is left out. `domains`: of this node.
  trust_domain(const std::vector<std::string>& peers, std::vector<std::string> domains);

  // What came from there is the word of a trusted element. A configured peer is one over TCP and TLS only: the source of a datagram is what
  // its sender writes.
  [[nodiscard]] bool trusted_peer(const source& s) const;
  // What goes there stays within the trust domain.
  [[nodiscard]] bool trusted_peer(const destination& d) const;

 private:
  std::vector<transport::address_prefix> peers_;
  std::vector<std::string> domains_;
};

}  // namespace phyllo::sip
