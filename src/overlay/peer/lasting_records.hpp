// The records of an overlay, by whatever role its node has: what is asked while that changes waits for the next role, what reads and is
// under way then is asked again, and watches go on.
#pragma once

#include <functional>

#include "peer/present_stack.hpp"
#include "storage/record_operations.hpp"

namespace phyllo::overlay {

// Every operation is not_joined of a node that is not part of the overlay, at once where no role is on its way.
class lasting_records final : public record_operations {
 public:
  // References outlive it.
  lasting_records(core::environment& env, present_stack& by) : env_(env), by_(by) {}

  core::awaitable<core::result<outcome>> get(name n, read_options o) override;
  core::awaitable<core::result<outcome>> add(name n, record r, std::chrono::seconds lifetime, write_options o) override;
  core::awaitable<core::result<outcome>> update(name n, record r, std::chrono::seconds lifetime, write_options o) override;
  core::awaitable<core::result<outcome>> remove(name n, write_options o) override;
  core::awaitable<core::result<outcome>> watch(name n, watch_options o) override;
  core::awaitable<core::result<outcome>> store_entry(kind_id kind, resource_id resource, kind_entry e, std::chrono::seconds lifetime,
                                                     core::duration timeout) override;
  core::awaitable<core::result<std::vector<kind_value>>> fetch_entries(kind_id kind, resource_id resource, core::duration timeout) override;
  core::awaitable<core::result<resource_id>> find_resource(kind_id kind, resource_id near, core::duration timeout) override;

 private:
  // What is left of the time it may take comes with the records.
  template <class T>
  using operation = std::function<core::awaitable<core::result<T>>(record_operations& of, core::duration left)>;
  template <class T>
  core::awaitable<core::result<T>> read(operation<T> what, core::duration timeout);
  // Once: it may have taken effect, whatever comes back.
  core::awaitable<core::result<outcome>> write(operation<outcome> what, core::duration timeout);

  core::environment& env_;
  present_stack& by_;
};

}  // namespace phyllo::overlay
