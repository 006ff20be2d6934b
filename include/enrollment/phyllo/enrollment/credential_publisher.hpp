// The login server's other half: each account's sealed digest secret as a record of type `credential`, ahead of need.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "phyllo/core/environment.hpp"
#include "phyllo/core/log.hpp"
#include "phyllo/core/metrics.hpp"
#include "phyllo/core/task_scope.hpp"
#include "phyllo/enrollment/accounts.hpp"
#include "phyllo/identity/domain_keyring.hpp"
#include "phyllo/overlay/overlay.hpp"

namespace phyllo::enrollment {

class resealing;

class credential_publisher {
 public:
  // References outlive it.
  credential_publisher(core::environment& env, overlay::overlay& overlay, enrollment::accounts& accounts, core::duration key_overlap,
                       core::metrics& m, core::logger log);
  ~credential_publisher();

  // Looks for changed accounts every second, publishes all again at half of the records' life, seals those of a domain anew when its key
  // has a new generation, and forgets the older ones then. What belongs to accounts that are gone is account_withdrawal's.
  void start();
  core::awaitable<void> stop();  // before destruction, if started
  void publish_again(std::string user) { pending_.push_back(std::move(user)); }

 private:
  core::awaitable<void> run();
  void collect();                // changed accounts, and those that failed, into `pending_`
  core::awaitable<void> work();  // one of those that empty it
  core::awaitable<void> publish(std::string user);
  void reseal();
  void look_at_keys();
  [[nodiscard]] core::result<const identity::domain_keyring*> keys_of(const std::string& domain);  // as they are in the database now

  core::environment& env_;
  overlay::overlay& overlay_;
  accounts& accounts_;
  core::logger log_;
  core::counter& published_;
  std::int64_t change_ = 0;
  std::unique_ptr<resealing> resealing_;
  identity::domain_keyring keys_;  // of the domains met since the database changed last
  std::int64_t keys_change_ = -1;
  std::deque<std::string> pending_;  // what changed last comes first: a new phone waits behind no import
  unsigned workers_ = 0;
  std::size_t stored_ = 0;        // since the last time that nothing was pending
  std::set<std::string> failed_;  // tried again with the next changes
  core::task_scope tasks_;
};

}  // namespace phyllo::enrollment
