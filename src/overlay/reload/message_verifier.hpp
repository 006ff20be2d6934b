// Whether a message for this node is to be believed: finds its signer's certificate, asks `trust` about it and checks the signature
// (RFC 6940 s.6.3.4, s.13.6.3).
#pragma once

#include <optional>

#include "phyllo/core/environment.hpp"
#include "phyllo/identity/trust.hpp"
#include "reload/certificate_store.hpp"
#include "reload/link_table.hpp"
#include "reload/message.hpp"
#include "reload/message_counters.hpp"
#include "reload/message_maker.hpp"
#include "reload/messenger_observer.hpp"
#include "reload/topology.hpp"

namespace phyllo::overlay {

class message_verifier {
 public:
  // All references outlive it.
  message_verifier(core::environment& env, const message_maker& maker, const topology& where, const link_table& links,
                   const identity::trust& trust, neighbour_observer& neighbours, message_counters& counters);

  // Among those met before and those that the message brings. None: it lacks, or is none.
  [[nodiscard]] std::optional<identity::certificate> find_signer(const opened_payload& p) const;
  // False: the message is dropped, and counted.
  [[nodiscard]] bool believe(const forwarding_header& h, const opened_payload& p, const identity::certificate& signer,
                             const std::optional<node_id>& from);

  // Of what this node says to itself: its own certificate is in force.
  [[nodiscard]] bool believe_self();
  [[nodiscard]] const identity::certificate& own_certificate() const { return maker_.certificate(); }

  [[nodiscard]] const certificate_store& certificates() const noexcept { return certificates_; }
  [[nodiscard]] certificate_store& certificates() noexcept { return certificates_; }

 private:
  [[nodiscard]] bool of_link(const forwarding_header& h, const identity::certificate& signer, const std::optional<node_id>& from) const;

  core::environment& env_;
  const message_maker& maker_;
  const topology& topology_;
  const link_table& links_;
  const identity::trust& trust_;
  neighbour_observer& neighbours_;
  message_counters& counters_;
  bool unjudged_ = false;  // somebody on a link was, once
  certificate_store certificates_;
};

}  // namespace phyllo::overlay
