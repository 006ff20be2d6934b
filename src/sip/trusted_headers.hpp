// Header fields that say what only a trusted element may say (RFC 3324, RFC 3325 s.5): taken off what others send, so that no phone shows
// or obeys a stranger's word as the network's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "message.hpp"
#include "own_names.hpp"
#include "phyllo/identity/certificate.hpp"

namespace phyllo::sip {

// Who handed a message to this node.
enum class standing : std::uint8_t {
  stranger,
  user,     // of ours, who has shown his credentials
  trusted,  // another supernode of the domain or a configured peer: in RFC 3325's trust domain
};

class trusted_headers {
 public:
  // `from_users`: further names ("Alert-Info", or "P-*" for all that begin so) that a user of ours may send and a stranger may not.
  explicit trusted_headers(std::vector<std::string> from_users) : from_users_(std::move(from_users)) {}

  // Takes off what `by` may not say; nothing of a trusted one's.
  void clean(message& m, standing by) const;

 private:
  std::vector<std::string> from_users_;
};

// Takes P-Asserted-Identity off if it names a user of a domain of ours for which the node that sent it has no authority: a node asserts
// whom it could have asked.
void remove_unvouched(message& m, const own_names& own, const identity::certificate& by);

// Puts P-Asserted-Identity in place of any that is there: the identity that digest has shown, and no display name, which it has not.
void assert_identity(message& m, const std::string& user);

}  // namespace phyllo::sip
