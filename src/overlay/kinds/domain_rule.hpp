// Whose AORs the overlay takes SIP-REGISTRATIONs of (RFC 7904 s.3.4), ready to be asked.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "phyllo/identity/configuration.hpp"

namespace phyllo::overlay {

class domain_rule {
 public:
  // Of a document whose signature holds: what a pattern costs is its signer's doing. One that is no regular expression matches nothing.
  domain_rule(identity::domain_restrictions r, std::string overlay_name);
  ~domain_rule();
  domain_rule(const domain_rule&) = delete;
  domain_rule& operator=(const domain_rule&) = delete;

  // "If the element is included and the "enable" attribute is not set or set to false, the overlay MUST only accept AORs that match the
  // domain name of the overlay."
  [[nodiscard]] bool admits(std::string_view domain) const;
  [[nodiscard]] bool is(const identity::domain_restrictions& r, std::string_view overlay_name) const;

 private:
  struct pattern;
  identity::domain_restrictions restrictions_;
  std::string overlay_name_;
  std::vector<std::unique_ptr<pattern>> patterns_;
};

// The rules of all documents that a node has had, by address: Kinds refer to them.
class domain_rules {
 public:
  // An equal one of earlier, or a new one; lives as long as this.
  const domain_rule& keep(const identity::domain_restrictions& r, std::string_view overlay_name);

 private:
  std::deque<domain_rule> rules_;
};

}  // namespace phyllo::overlay
