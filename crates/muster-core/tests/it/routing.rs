mod desk;
mod eligibility;
mod explanation;
mod generated;
mod naive;
mod order;
mod properties;
mod timing;
