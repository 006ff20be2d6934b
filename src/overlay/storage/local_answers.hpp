// What is answered from the store alone (RFC 6940 s.7.4.2 to 7.4.4; storage.md, N): Stat, Find, a Fetch of what is held, and the state of
// a name that is watched.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "phyllo/core/environment.hpp"
#include "storage/fetch_message.hpp"
#include "storage/held_records.hpp"
#include "storage/storage_extension.hpp"

namespace phyllo::overlay {

class local_answers {
 public:
  // All of it outlives this.
  local_answers(const core::environment& env, const identity::credential& self, const held_records& held)
      : env_(env), self_(self), held_(held) {}

  // FetchAns or StatAns, by the request's code; Error_Unknown_Kind, also where a document has removed a Kind since the request was read.
  [[nodiscard]] message_contents make(std::uint16_t code, const fetch_request& request) const;
  [[nodiscard]] message_contents find(const incoming& request) const;
  [[nodiscard]] state_digest live_digest(const fetch_request& request) const;
  // From an answer to a Fetch that watches: it says nothing new, and so carries no values.
  void leave_out_what_is_seen(message_contents& m, const fetch_request& request, const watch_request& w) const;
  [[nodiscard]] static message_contents unknown_kinds(const std::vector<kind_id>& kinds);

 private:
  [[nodiscard]] std::optional<std::uint32_t> array_end(const resource_id& resource, kind_id kind) const;  // the final element's index
  [[nodiscard]] fetch_kind_response held_of(const fetch_request& request, const data_specifier& asked) const;

  const core::environment& env_;
  const identity::credential& self_;
  const held_records& held_;
};

}  // namespace phyllo::overlay
