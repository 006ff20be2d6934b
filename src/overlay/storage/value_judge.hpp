// Whether a value is to be believed, and as of when (record.md; storage.md, W and T): by its signer, its Kind's rules, and its storage
// time.
#pragma once

#include <memory>
#include <vector>

#include "kinds/kind.hpp"
#include "phyllo/identity/certificate.hpp"
#include "phyllo/identity/trust.hpp"
#include "reload/surroundings.hpp"
#include "storage/replica_store.hpp"

namespace phyllo::overlay {

class value_judge {
 public:
  using certificates = std::vector<identity::certificate>;

  // `holds`: what this node holds; null: nothing, as an ordinary node. All of it outlives the judge.
  value_judge(std::shared_ptr<const identity::credential> self, const identity::trust& trust, const surroundings& ring,
              const replica_store* holds)
      : self_(std::move(self)), trust_(trust), ring_(ring), holds_(holds) {}

  // Each returns the value's signer. Errors: forbidden, invalid_record, quota_exceeded.
  // Everything of a value; cheap if the same is held.
  [[nodiscard]] core::result<identity::certificate> judge(const kind& k, const resource_id& resource, const stored_data& d,
                                                          const certificates& carried) const;
  // Of what this node asks itself to store: what it has signed, it has signed just now.
  [[nodiscard]] core::result<identity::certificate> judge_own(const kind& k, const resource_id& resource, const stored_data& d,
                                                              const certificates& carried) const;
  // The same of a value that is read and not kept: its owner must see what it is to remove, of whatever time.
  [[nodiscard]] core::result<identity::certificate> judge_read(const kind& k, const resource_id& resource, const stored_data& d,
                                                               const certificates& carried) const;

  [[nodiscard]] version_order order() const;  // by a clock that others agree with
  // Ahead of this node's clock by more than that, and not the next of what is held.
  [[nodiscard]] bool too_early(const item_key& at, const stored_data& d, std::uint64_t ahead_ms) const;
  // Nobody else would take it. Its owner need not follow what it has written so: that gives way to what it writes with the right time.
  [[nodiscard]] bool of_a_time_to_come(const stored_data& d) const { return d.storage_time > order().latest; }
  // This very value; null: it is not held.
  [[nodiscard]] const held_value* held(const resource_id& resource, kind_id kind, const stored_data& d) const;

 private:
  [[nodiscard]] core::result<identity::certificate> signer_of(const stored_data& d, const certificates& carried) const;
  [[nodiscard]] core::result<identity::certificate> judge_held(const held_value& i) const;
  [[nodiscard]] core::result<identity::certificate> judge_signed(const kind& k, const resource_id& resource, const stored_data& d,
                                                                 const certificates& carried) const;

  std::shared_ptr<const identity::credential> self_;
  const identity::trust& trust_;
  const surroundings& ring_;
  const replica_store* holds_;
};

}  // namespace phyllo::overlay
