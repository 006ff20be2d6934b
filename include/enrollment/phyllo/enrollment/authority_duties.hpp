// What a login server's node does for its overlay while it runs: it publishes the configuration document and signs the revocation list. Its
// data may be those of a backup, and older than the overlay: then it goes on above what the others have (identity.md).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "phyllo/core/log.hpp"
#include "phyllo/core/mailbox.hpp"
#include "phyllo/enrollment/accounts.hpp"
#include "phyllo/enrollment/overlay_authority.hpp"
#include "phyllo/overlay/peer.hpp"

namespace phyllo::enrollment {

class revocation_signer;

class authority_duties {
 public:
  // All outlive it.
  struct parts {
    core::environment& env;
    const authority_settings& settings;  // as they are now
    enrollment::accounts& accounts;
    const overlay_authority& authority;
    identity::trust& trust;
    overlay::peer& peer;
  };
  // `document` is in force; `published` hears of each that comes after it, before the overlay does.
  authority_duties(parts p, identity::parsed_configuration document,
                   std::function<void(const identity::parsed_configuration& document)> published, core::logger log);
  ~authority_duties();

  // Of a joined node; each ends by cancellation.
  core::awaitable<void> publish_documents();  // when the configuration says something else, or the last one grows old
  core::awaitable<void> compare_documents();  // with those that other nodes have
  core::awaitable<void> sign_revocations();

  void end() { ended_ = true; }                  // settle() returns soon, and this may be destroyed when it has
  void look();                                   // the configuration may be another: now, instead of in its time
  void hear_of_document(std::string_view text);  // that another node has

  // Returns when the list in force says what the accounts did at that change (accounts::latest_change), and the leaf set has it. timed_out
  // says what is lacking. `apart`: what keeps this node from the others; empty: nothing.
  core::awaitable<core::result<overlay::revocation_reach>> settle(std::int64_t change, std::function<std::string()> apart,
                                                                  core::time_point deadline);

 private:
  core::awaitable<void> publish();
  core::duration sign();
  void tell_unknown();

  parts parts_;
  identity::parsed_configuration document_;
  std::function<void(const identity::parsed_configuration& document)> published_;
  core::logger log_;
  std::unique_ptr<revocation_signer> signer_;
  core::mailbox<bool> wanted_;
  std::uint16_t least_ = 0;  // the sequence that the next document needs
  std::size_t unknown_told_ = 0;
  bool ended_ = false;
};

}  // namespace phyllo::enrollment
