// The login server's side of revocation: from its accounts and the bad nodes that are named to the list that the overlay believes.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "phyllo/core/result.hpp"
#include "phyllo/core/time.hpp"
#include "phyllo/enrollment/accounts.hpp"
#include "phyllo/enrollment/overlay_authority.hpp"
#include "phyllo/identity/trust.hpp"

namespace phyllo::enrollment {

class revocation_signer {
 public:
  // References outlive it. `trust` has the list as it is in force here.
  revocation_signer(const authority_settings& s, accounts& a, const identity::credential& signer, const identity::trust& trust)
      : settings_(s), accounts_(a), signer_(signer), trust_(trust) {}

  // The next list, if it is to say something else than the one in force; cheap while nothing has changed. While a newer one than this
  // node's is on its way here (its data are a backup's, say) it waits for that, a minute at most. Errors of the database and of
  // bad_nodes_file.
  core::result<std::optional<identity::revocation_list::next>> due(core::wall_time now);

  // The list in force says all that the accounts said at that change (accounts::latest_change).
  [[nodiscard]] bool says(std::int64_t change) const;
  // Users in the last list that came from elsewhere of whose revocation the accounts know nothing: the accounts are a backup's.
  [[nodiscard]] std::size_t unknown_users() const noexcept { return unknown_; }

 private:
  [[nodiscard]] core::result<std::vector<identity::revocation>> wanted(const std::vector<identity::node_id>& bad_nodes,
                                                                       core::wall_time now);
  [[nodiscard]] bool waits(core::wall_time now);
  core::status keep_unknown(std::vector<identity::revocation>& wanted, core::wall_time now);

  const authority_settings& settings_;
  accounts& accounts_;
  const identity::credential& signer_;
  const identity::trust& trust_;
  std::int64_t change_ = -1;  // of the accounts, that was looked at last
  std::uint64_t number_ = 0;  // of the list that was made or looked at last
  std::vector<identity::node_id> bad_nodes_;
  std::optional<core::wall_time> waits_until_;
  std::size_t unknown_ = 0;
  core::wall_time look_again_{};  // some entries have ended by then
};

}  // namespace phyllo::enrollment
