// Users who have used SHA-256: nothing less is taken of them any more (digest_offer.hpp). Kept on disk beside the bindings, so that a start
// of the node forgets nobody. A pure machine.
//
//   s TAB user   has used it
//   w TAB user   is forgotten: he is gone, or has another password
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "phyllo/core/bounded_map.hpp"

namespace phyllo::sip {

class strong_users {
 public:
  static constexpr std::size_t users_max = 262'144;

  // `key` must be random and secret.
  explicit strong_users(const core::hash_key& key) : users_(users_max, key) {}

  [[nodiscard]] bool contains(const std::string& user) { return users_.use(user) != nullptr; }
  void add(const std::string& user);
  void forget(const std::function<bool(const std::string& user)>& gone);

  // All of them are to be written, since too much has happened that nobody has taken.
  [[nodiscard]] bool whole_due() const noexcept { return whole_due_; }
  // Lines to be appended to what has been written; `whole`: in its place.
  [[nodiscard]] std::string take_changes(bool whole);
  // What take_changes gave, among lines of others. A line without its end is left out. `own`: of whom; empty: of all.
  void restore(std::string_view text, const std::function<bool(const std::string& user)>& own = {});

 private:
  void note(char what, const std::string& user);

  core::bounded_map<std::string, bool> users_;
  std::string pending_;
  bool whole_due_ = false;
};

}  // namespace phyllo::sip
