#include "phyllo/sip/shard_exchange.hpp"

#include "shard_post.hpp"

namespace phyllo::sip {

shard_exchange::shard_exchange(core::environment& env, std::vector<core::shard_door*> doors, const transport::steering& by,
                               const std::vector<std::string>& domains)
    : impl_(std::make_shared<impl>(env, std::move(doors), by, domains)) {}

shard_exchange::~shard_exchange() = default;

}  // namespace phyllo::sip
