// Private Kinds that come by ConfigUpdate on their way through the overlay (RFC 6940 s.6.5.4): the shell around learnt_kinds. What is new
// goes to all nodes that are linked, and to those that become members.
#pragma once

#include <string>
#include <vector>

#include "peer/learnt_kinds.hpp"
#include "peer/lower_layers.hpp"
#include "phyllo/core/log.hpp"
#include "storage/storage.hpp"

namespace phyllo::overlay {

class kind_spreading {
 public:
  // References outlive it.
  kind_spreading(core::environment& env, const node_id& self, learnt_kinds& known, lower_layers& below, storage& served_by,
                 core::logger log);

  // As peer::adopt_kind, of each block. `signers` are certificates that may have signed.
  core::status take(const std::vector<std::string>& blocks, const std::vector<identity::certificate>& signers);
  void on_new_document();
  void teach_members();

 private:
  void push(const node_id& to);

  core::environment& env_;
  node_id self_;
  learnt_kinds& known_;
  messenger& messenger_;
  const link_table& links_;
  const ring_knowledge& ring_;
  storage& storage_;
  core::logger log_;
};

}  // namespace phyllo::overlay
