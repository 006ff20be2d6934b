#include "peer/make_storage.hpp"

#include "storage/client_storage.hpp"
#include "storage/copied_storage.hpp"
#include "storage/no_storage.hpp"

namespace phyllo::overlay {
namespace {

storage_options record_options(const peer_options& o, std::vector<kind> kinds) {
  storage_options s{o};
  s.file = o.records;
  s.kinds = std::move(kinds);
  return s;
}

}  // namespace

std::unique_ptr<storage> make_storage(const storage_surroundings& s, const peer_options& options, std::vector<kind> kinds) {
  if (!options.storage) return make_no_storage();
  if (options.client) return make_client_storage(s.env, std::move(kinds), s.self, s.trust, s.ring, s.metrics);
  auto so = record_options(options, std::move(kinds));
  if (s.copies != nullptr) return std::make_unique<copied_storage>(s.env, std::move(so), s.self, s.trust, s.ring, *s.copies, s.metrics);
  return storage::create(s.env, std::move(so), s.self, s.trust, s.ring, s.metrics, s.log.of("storage"));
}

}  // namespace phyllo::overlay
