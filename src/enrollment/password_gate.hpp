// Checks passwords: who may try (login_guard), in which order (login_queue), on threads of its own (scrypt).
#pragma once

#include <asio/ip/address.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "login_guard.hpp"
#include "login_queue.hpp"
#include "phyllo/core/environment.hpp"
#include "phyllo/core/metrics.hpp"
#include "phyllo/core/worker.hpp"
#include "phyllo/enrollment/accounts.hpp"

namespace phyllo::enrollment {

class password_gate {
 public:
  // As login_options has them.
  struct options {
    unsigned attempts_per_minute;
    unsigned threads;  // and so many times the memory of one scrypt
    unsigned scrypt_log2_n;
  };
  // References outlive it; so does it its callers.
  password_gate(core::environment& env, options o, accounts& a, core::metrics& m);

  // The account, when the password is right. errc::failed_authentication; errc::too_many_attempts, not at once: who is refused without
  // work must not come again at the speed of the wire; core::errc::full: its turn did not come in time; errc::database.
  core::awaitable<core::result<account>> check(asio::ip::address from, std::string user, std::string password);
  void limit_attempts(unsigned per_minute) { guard_.limit(per_minute); }

 private:
  class turn;
  struct waiter;
  core::awaitable<core::result<account>> check_in_turn(login_guard::attempt attempt, std::string user, std::string password);
  core::awaitable<core::result<account>> compute(std::size_t thread, std::string user, std::string password);
  void give_turns();
  core::counter& failures(const char* reason);

  core::environment& env_;
  options options_;
  accounts& accounts_;
  core::metrics& metrics_;
  login_guard guard_;
  login_queue queue_;
  std::map<login_queue::ticket, waiter*> waiters_;
  std::vector<std::size_t> idle_;                       // threads
  std::vector<std::unique_ptr<core::worker>> threads_;  // last: their works end first
};

}  // namespace phyllo::enrollment
