// The bindings registered through this node: what the overlay does not keep of them (Call-ID, CSeq, the promised
// expiry), and when each ends. The overlay's records are the truth about who is bound where.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "binding.hpp"
#include "binding_journal.hpp"

namespace phyllo::sip {

class binding_table {
 public:
  // What is known of a user now: the overlay's bindings, completed from ours where they are ours. A binding of ours
  // that the overlay has no more, or has from another registrar, is forgotten.
  [[nodiscard]] std::vector<binding> merged(const std::string& user, std::vector<binding> from_overlay, core::wall_time now) const;
  // The user's unexpired bindings of this node alone.
  [[nodiscard]] std::vector<binding> here(const std::string& user, core::wall_time now) const;
  // Of all of them, in order.
  [[nodiscard]] std::vector<std::string> users() const;
  // Keeps those of `all` that are of this node.
  void replace(const std::string& user, const std::vector<binding>& all);

  // Those of an earlier process of this node; also what has expired meanwhile, so that it is taken out.
  void restore(binding_journal::users users);
  // What has changed since it was last asked for; `anew`: all of it.
  [[nodiscard]] binding_journal::change take_changes(bool anew) { return journal_.take(users_, anew); }

  // Takes out what has expired, with its user; at most `max`.
  [[nodiscard]] std::vector<std::pair<std::string, binding>> take_expired(core::wall_time now, std::size_t max);
  [[nodiscard]] std::size_t size() const noexcept { return by_expiry_.size(); }

 private:
  struct device {
    const std::string* user;  // as it stands in `users_`
    overlay::binding key;
  };
  void erase(const std::string& user);
  void set(const std::string& user, std::vector<binding> ours);

  binding_journal::users users_;
  std::multimap<core::wall_time, device> by_expiry_;
  binding_journal journal_;
};

}  // namespace phyllo::sip
